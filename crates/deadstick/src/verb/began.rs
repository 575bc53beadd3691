//! `began`: when it really began.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change_of_state;
use crate::failure::{Ending, Failure};
use crate::reference;
use crate::session::Session;

/// Corrects when an incident began; its window follows.
#[derive(Debug, Args)]
pub struct Began {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// When: 15:04, "10m ago", "yesterday 15:04", RFC 3339
    #[arg(value_name = "TIME")]
    at: String,
}

impl Began {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let at = session.past(Some(&self.at))?.expect("a time that was given is read or refused");
        change_of_state(session, Command::Began { incident: self.incident, at })
    }
}
