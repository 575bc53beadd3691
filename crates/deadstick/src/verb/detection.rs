//! `detection`: when and by what it was noticed.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference::{self, FactArgument};
use crate::session::Session;

/// Says when and by what an incident was noticed.
#[derive(Debug, Args)]
pub struct Detection {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// By what: an alert, a customer, chance
    #[arg(long, value_name = "TEXT")]
    by: String,
    /// When: 15:04, "10m ago", "yesterday 15:04", RFC 3339
    #[arg(long, value_name = "TIME")]
    at: String,
    /// The fact that shows it: #4711 or its UUID
    #[arg(long, value_name = "FACT")]
    evidence: Option<FactArgument>,
}

impl Detection {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let at = session.time(&self.at, crate::time_input::Lean::Past)?;
        let client = session.client()?;
        let evidence = self.evidence.map(|fact| fact.id(&client, Some(&self.incident))).transpose()?;
        let command = Command::Detection { incident: self.incident, at, by: self.by, evidence };
        change(session, command, "detection recorded")
    }
}
