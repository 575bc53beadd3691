//! What is read out of facts and never written: proposals, briefs, skew, closing remarks.
