//! `retitle`: a better title.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change_of_state;
use super::did::words;
use crate::failure::{Ending, Failure};
use crate::reference;
use crate::session::Session;

/// Changes the title of an incident.
#[derive(Debug, Args)]
pub struct Retitle {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// The new title
    #[arg(required = true, value_name = "TITLE")]
    title: Vec<String>,
}

impl Retitle {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let title = words(&self.title)?;
        change_of_state(session, Command::Retitle { incident: self.incident, title })
    }
}
