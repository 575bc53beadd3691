//! How each source's recording goes: never silent.

/// Counts per source since start: deliveries, refusals, errors, the last of each.
#[derive(Debug, Default)]
pub struct Health {}
