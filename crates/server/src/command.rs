//! A person's command: checked against the state, appended, folded in. The only way in.

use fact::{EntityId, FactId, PersonId};
use incident::Envelope;

use crate::{App, Problem};

/// What a command led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The fact that stands for it.
    pub fact: FactId,
    /// The incident that it is about.
    pub incident: Option<EntityId>,
    /// The incidents that it could have been about, when it was kept unassigned.
    pub choices: Vec<EntityId>,
}

impl App {
    /// Carries out a command of a person. The same envelope again gives the same answer.
    pub async fn execute(&self, who: PersonId, envelope: Envelope) -> Result<Done, Problem> {
        let _ = (who, envelope);
        Err(Problem::not_found())
    }
}
