//! Corrections of recorded facts: the first telling stays in the log.

use fact::{FactId, PersonId, Timestamp};

/// What a fact is corrected to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correction {
    /// How many facts were folded into it.
    pub version: u64,
    /// The right time.
    pub occurred_at: Option<Timestamp>,
    /// The right text.
    pub text: Option<String>,
    /// Every amendment, oldest first: the correcting fact, who, when, why.
    pub history: Vec<(FactId, PersonId, Timestamp, Option<String>)>,
    /// Set by an event that this version does not know.
    pub read_only: Option<String>,
}
