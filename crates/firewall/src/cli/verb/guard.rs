//! `guard`: the process that takes an unconfirmed change back; started by the tool itself.

use clap::Args;
use uuid::Uuid;

use crate::cli::{Ending, Failure, Session};
use crate::guard;

/// Waits for the confirmation of a change.
#[derive(Debug, Args)]
pub struct Guard {
    /// Which change
    id: Uuid,
}

impl Guard {
    /// Runs it; returns when there is nothing to wait for any more.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        guard::guard(&session.changes(), self.id)
            .map_err(|error| Failure::new("unguarded", "The change is not guarded.").because(&error))?;
        Ok(Ending::Done)
    }
}
