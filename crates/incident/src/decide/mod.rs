//! Checks a command against the state; facts out, or a refusal.
//!
//! What is so already is no error and leaves no fact: giving the same severity again is answered
//! with [`Decided::facts`] empty and [`Decided::fact`] naming the first fact of what it is about.

mod correct;
mod desk;
mod entries;
mod incidents;
mod people;
mod sources;
mod texts;

use fact::{EntityId, FactId, Kind, NewFact, PersonId, SourceId, Timestamp};

use crate::{Command, Envelope, Refusal, Refused, State};
use desk::Desk;

/// Who gives a command, when, and what the log knows of the facts that it names.
pub struct Context<'a> {
    /// Who.
    pub who: PersonId,
    /// Now.
    pub now: Timestamp,
    /// Makes a fresh id, for the facts after the first one.
    pub fresh_id: &'a mut dyn FnMut() -> FactId,
    /// Finds a recorded fact; [`Command::facts`] tells beforehand which ones are asked for.
    pub lookup: &'a dyn Fn(FactId) -> Option<Known>,
}

/// What the log knows of a fact: of its first telling, if it was edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its source.
    pub source: SourceId,
    /// What it is about, if it is a state fact.
    pub entity: Option<EntityId>,
    /// Its kind.
    pub kind: Kind,
    /// When it happened.
    pub occurred_at: Timestamp,
}

/// What a command leads to: facts to append, all or none, in this order.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The facts; empty if it is so already.
    pub facts: Vec<NewFact>,
    /// The fact that stands for the command: the first of `facts`, whose id is the envelope's. If
    /// it is so already, the first fact of what the command is about.
    pub fact: FactId,
    /// The incident that it is about.
    pub incident: Option<EntityId>,
    /// The incidents that it could have been about, when it was kept unassigned.
    pub choices: Vec<EntityId>,
}

impl State {
    /// Checks a command of `context.who` against this state.
    pub fn decide(&self, envelope: &Envelope, context: &mut Context<'_>) -> Result<Decided, Refused> {
        let mut desk = Desk::open(self, envelope, context)?;
        match &envelope.command {
            Command::Declare { .. }
            | Command::Retitle { .. }
            | Command::Severity { .. }
            | Command::Began { .. }
            | Command::Role { .. }
            | Command::HandOver { .. }
            | Command::Mitigated { .. }
            | Command::Close { .. }
            | Command::Reopen { .. }
            | Command::Services { .. }
            | Command::Impact { .. }
            | Command::Detection { .. }
            | Command::SameAs { .. }
            | Command::Window { .. }
            | Command::Scope { .. }
            | Command::Privacy { .. } => desk.incident_command(&envelope.command),
            Command::Status { .. }
            | Command::Did { .. }
            | Command::Note { .. }
            | Command::Why { .. }
            | Command::Result { .. }
            | Command::Verdict { .. }
            | Command::UndoTemporary { .. }
            | Command::AcceptTemporary { .. } => desk.entry_command(&envelope.command),
            Command::Assign { .. }
            | Command::Amend { .. }
            | Command::Move { .. }
            | Command::Undo { .. }
            | Command::Star { .. }
            | Command::Hide { .. } => desk.correction_command(&envelope.command),
            Command::AddPerson { .. }
            | Command::PersonRole { .. }
            | Command::AddHandle { .. }
            | Command::JoinPeople { .. }
            | Command::Deactivate { .. } => desk.person_command(&envelope.command),
            Command::AddSource { .. }
            | Command::Retention { .. }
            | Command::SourcePrivacy { .. }
            | Command::Map { .. }
            | Command::RotateSource { .. } => desk.source_command(&envelope.command),
        }
    }
}

fn invalid(code: &'static str, message: impl Into<String>) -> Refused {
    Refused::new(Refusal::Invalid, code, message)
}

fn conflict(code: &'static str, message: impl Into<String>) -> Refused {
    Refused::new(Refusal::Conflict, code, message)
}

fn not_found(code: &'static str, message: impl Into<String>) -> Refused {
    Refused::new(Refusal::NotFound, code, message)
}
