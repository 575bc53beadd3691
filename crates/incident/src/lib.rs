//! People, sources, incidents: commands checked, facts out; a fold over facts.
//!
//! Pure. [`State::decide`] turns a person's command into facts or refuses it; [`State::apply`]
//! folds those facts, and only those, back into the state. Whatever the state holds can be rebuilt
//! from the log.

mod access;
mod apply;
mod blank;
mod command;
mod correction;
mod decide;
mod entry;
mod event;
mod incident;
mod names;
mod number;
mod part;
mod person;
mod refusal;
mod source;
mod state;

pub use access::{Act, Role, access_matrix};
pub use blank::blank;
pub use command::{Because, Command, Envelope, FactRef, IncidentRef, Outcome as ResultOutcome};
pub use correction::{Amendment, Correction};
pub use decide::{Context, Decided, Known};
pub use entry::{Entry, EntryKind, Unassigned};
pub use event::{Event, Recorded, StateFact};
pub use incident::{
    ActionTaken, Detection, Impact, Incident, IncidentRole, Pair, Question, Scope, Settled, Status,
    StatusUpdate, Temporary, Verdict, Window,
};
pub use names::{ParseNameError, ShortName};
pub use person::{Handle, Person};
pub use refusal::{Refusal, Refused};
pub use source::{Mapping, Source, SourceKind};
pub use state::State;
