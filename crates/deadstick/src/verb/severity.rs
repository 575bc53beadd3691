//! `severity`: better or worse than thought.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change_of_state;
use crate::failure::{Ending, Failure};
use crate::reference;
use crate::session::Session;

/// Changes the severity of an incident.
#[derive(Debug, Args)]
pub struct Severity {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// 1 (worst) to 5
    #[arg(value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    severity: u8,
    /// The reason
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

impl Severity {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let command = Command::Severity { incident: self.incident, severity: self.severity, why: self.why };
        change_of_state(session, command)
    }
}
