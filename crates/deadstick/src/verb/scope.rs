//! `scope`: the sources that an incident looks at.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference;
use crate::session::Session;

/// Limits an incident to chosen sources.
#[derive(Debug, Args)]
pub struct Scope {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// The sources, by name
    #[arg(value_name = "SOURCE", required_unless_present = "all")]
    sources: Vec<String>,
    /// All that its declarer may see, the default
    #[arg(long, conflicts_with = "sources")]
    all: bool,
}

impl Scope {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        change(session, Command::Scope { incident: self.incident, sources: self.sources }, "scope set")
    }
}
