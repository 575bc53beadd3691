//! `note`: a remark.

use clap::Args;
use incident::{Command, IncidentRef};

use super::did::{Entry, words};
use crate::failure::{Ending, Failure};
use crate::reference;
use crate::session::Session;

/// Records a remark.
#[derive(Debug, Args)]
pub struct Note {
    /// The remark
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
    /// The incident, if not the only open one
    #[arg(long, value_name = "INC", value_parser = reference::incident)]
    incident: Option<IncidentRef>,
    /// When it was, if earlier: 15:04, "10m ago", "yesterday 15:04", RFC 3339
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

impl Note {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let at = session.past(self.at.as_deref())?;
        let text = words(&self.text)?;
        let entry = Entry { what: "noted", text: text.clone(), temporary: false };
        entry.give(session, Command::Note { text, incident: self.incident, at })
    }
}
