//! `move`: a fact belongs to another incident.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference::{self, FactArgument};
use crate::session::Session;

/// Puts a fact into an incident's timeline, takes it out of one, or both.
#[derive(Debug, Args)]
pub struct Move {
    /// The fact: #4711 or its UUID
    #[arg(value_name = "FACT")]
    fact: FactArgument,
    /// Out of this incident
    #[arg(long, value_name = "INC", value_parser = reference::incident, required_unless_present = "to")]
    from: Option<IncidentRef>,
    /// Into this incident
    #[arg(long, value_name = "INC", value_parser = reference::incident)]
    to: Option<IncidentRef>,
}

impl Move {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let fact = self.fact.id(&session.client()?, None)?;
        change(session, Command::Move { fact, from: self.from, to: self.to }, "moved")
    }
}
