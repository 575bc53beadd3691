//! Corrections of recorded facts: the first telling stays in the log.

use fact::{FactId, PersonId, Timestamp};

/// What a fact is corrected to: the latest amendment that was not taken back wins, for time and
/// text apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correction {
    /// Every amendment that was not taken back, in order of the log.
    pub history: Vec<Amendment>,
}

/// One amendment of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// Its position in the log.
    pub position: u64,
    /// The fact that amends.
    pub fact: FactId,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// The right time.
    pub occurred_at: Option<Timestamp>,
    /// The right text.
    pub text: Option<String>,
    /// The reason.
    pub why: Option<String>,
}

impl Correction {
    /// The right time, if it was corrected.
    pub fn occurred_at(&self) -> Option<Timestamp> {
        self.history.iter().rev().find_map(|amendment| amendment.occurred_at)
    }

    /// The right text, if it was corrected.
    pub fn text(&self) -> Option<&str> {
        self.history.iter().rev().find_map(|amendment| amendment.text.as_deref())
    }
}
