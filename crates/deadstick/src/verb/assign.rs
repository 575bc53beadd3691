//! `assign`: an entry gets its incident.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference::{self, FactArgument};
use crate::session::Session;

/// Puts a `did`, `note` or `why` that was kept without an incident into one.
#[derive(Debug, Args)]
pub struct Assign {
    /// The fact: #4711 or its UUID
    #[arg(value_name = "FACT")]
    fact: FactArgument,
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
}

impl Assign {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let fact = self.fact.id(&session.client()?, None)?;
        change(session, Command::Assign { fact, incident: self.incident }, "assigned")
    }
}
