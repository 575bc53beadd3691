//! `services`: what is affected.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference;
use crate::session::Session;

/// Adds and removes affected services of an incident.
#[derive(Debug, Args)]
pub struct Services {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// Affected; may be repeated
    #[arg(long, value_name = "NAME", required_unless_present = "remove")]
    add: Vec<String>,
    /// Not affected; may be repeated
    #[arg(long, value_name = "NAME")]
    remove: Vec<String>,
}

impl Services {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let command = Command::Services { incident: self.incident, add: self.add, remove: self.remove };
        change(session, command, "services changed")
    }
}
