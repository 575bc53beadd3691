//! `star`: what matters in a timeline.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference::{self, FactArgument};
use crate::session::Session;

/// Stars a fact of an incident: it matters for the story.
#[derive(Debug, Args)]
pub struct Star {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// The fact: #4711 or its UUID
    #[arg(value_name = "FACT")]
    fact: FactArgument,
    /// Take the star away
    #[arg(long)]
    off: bool,
}

impl Star {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let fact = self.fact.id(&session.client()?, Some(&self.incident))?;
        let sentence = if self.off { "star taken away" } else { "starred" };
        change(session, Command::Star { incident: self.incident, fact, on: !self.off }, sentence)
    }
}
