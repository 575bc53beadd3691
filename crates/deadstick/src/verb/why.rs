//! `why`: a question for the investigation.

use clap::Args;
use incident::{Command, IncidentRef};

use super::did::{Entry, words};
use crate::failure::{Ending, Failure};
use crate::reference;
use crate::session::Session;

/// Parks a question for the investigation.
#[derive(Debug, Args)]
pub struct Why {
    /// The question
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
    /// The incident, if not the only open one
    #[arg(long, value_name = "INC", value_parser = reference::incident)]
    incident: Option<IncidentRef>,
    /// When it was, if earlier: 15:04, "10m ago", "yesterday 15:04", RFC 3339
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

impl Why {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let at = session.past(self.at.as_deref())?;
        let text = words(&self.text)?;
        let entry = Entry { what: "parked", text: text.clone(), temporary: false };
        entry.give(session, Command::Why { text, incident: self.incident, at })
    }
}
