//! `reopen`: it is not over after all.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change_of_state;
use crate::failure::{Ending, Failure};
use crate::reference;
use crate::session::Session;

/// Reopens an incident; its window goes on.
#[derive(Debug, Args)]
pub struct Reopen {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// The reason
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

impl Reopen {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        change_of_state(session, Command::Reopen { incident: self.incident, why: self.why })
    }
}
