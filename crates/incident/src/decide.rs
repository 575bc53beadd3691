//! Checks a command against the state; facts out, or a refusal.

use fact::{EntityId, FactId, NewFact, PersonId, Timestamp};

use crate::{Envelope, Refused, State};

/// Who gives a command, when, and fresh ids for the facts after the first one.
pub struct Context<'a> {
    /// Who.
    pub who: PersonId,
    /// Now.
    pub now: Timestamp,
    /// Makes a fresh id.
    pub fresh_id: &'a mut dyn FnMut() -> FactId,
}

/// What a command leads to: facts to append, all or none, in this order.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The facts; empty if it is so already.
    pub facts: Vec<NewFact>,
    /// The fact that stands for the command: its id is the envelope's.
    pub fact: FactId,
    /// The incident that it is about.
    pub incident: Option<EntityId>,
    /// The incidents that it could have been about, when it was kept unassigned.
    pub choices: Vec<EntityId>,
}

impl State {
    /// Checks a command of `context.who` against this state.
    pub fn decide(&self, envelope: &Envelope, context: &mut Context<'_>) -> Result<Decided, Refused> {
        let _ = (envelope, context);
        Err(Refused::new(crate::Refusal::Invalid, "unknown-verb", "not there yet"))
    }
}
