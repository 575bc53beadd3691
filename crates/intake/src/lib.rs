//! Foreign text to facts: webhooks, batches; what was not understood is kept verbatim.
