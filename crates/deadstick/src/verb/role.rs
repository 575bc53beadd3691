//! `role`: who does what in an incident.

use clap::{Args, ValueEnum};
use incident::{Command, IncidentRef, IncidentRole};

use super::change;
use crate::failure::{Ending, Failure};
use crate::output::one_line;
use crate::reference::{self, Directory};
use crate::session::Session;

/// Gives somebody a role in an incident, or takes it from whoever has it.
#[derive(Debug, Args)]
pub struct RoleOf {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// The role
    #[arg(value_enum, value_name = "ROLE")]
    role: Part,
    /// Who takes it
    #[arg(value_name = "PERSON", required_unless_present = "nobody")]
    person: Option<String>,
    /// Nobody has it any more
    #[arg(long, conflicts_with = "person")]
    nobody: bool,
}

/// A role in an incident.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Part {
    /// Decides
    Commander,
    /// Speaks to everybody outside
    Communications,
    /// Works on it
    Operations,
    /// Writes along
    Scribe,
}

impl From<Part> for IncidentRole {
    fn from(part: Part) -> Self {
        match part {
            Part::Commander => IncidentRole::Commander,
            Part::Communications => IncidentRole::Communications,
            Part::Operations => IncidentRole::Operations,
            Part::Scribe => IncidentRole::Scribe,
        }
    }
}

impl RoleOf {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let role = format!("{:?}", self.role).to_lowercase();
        let (person, sentence) = match &self.person {
            Some(name) => {
                let person = Directory::read(&session.client()?)?.person(name)?;
                (Some(person), format!("{role} is {}", one_line(name, 80)))
            }
            None => (None, format!("nobody is {role}")),
        };
        let command = Command::Role { incident: self.incident, role: self.role.into(), person };
        change(session, command, &sentence)
    }
}
