//! `hide`: what does not matter in a timeline.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference::{self, FactArgument};
use crate::session::Session;

/// Hides a fact from an incident's timeline.
#[derive(Debug, Args)]
pub struct Hide {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// The fact: #4711 or its UUID
    #[arg(value_name = "FACT")]
    fact: FactArgument,
    /// Show it again
    #[arg(long)]
    off: bool,
}

impl Hide {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let fact = self.fact.id(&session.client()?, Some(&self.incident))?;
        let sentence = if self.off { "shown again" } else { "hidden" };
        change(session, Command::Hide { incident: self.incident, fact, on: !self.off }, sentence)
    }
}
