//! `mitigated`: impact is over.

use clap::Args;
use incident::{Command, IncidentRef};

use super::status::target_and_text;
use crate::failure::{Ending, Failure};
use crate::reference;
use crate::session::Session;

/// Says that impact is over.
#[derive(Debug, Args)]
pub struct Mitigated {
    /// The incident, if not the only open one; then a remark
    #[arg(value_name = "[INC] [TEXT]")]
    words: Vec<String>,
    /// The incident, if not the only open one
    #[arg(long, value_name = "INC", value_parser = reference::incident)]
    incident: Option<IncidentRef>,
    /// When, if earlier: 15:04, "10m ago", "yesterday 15:04", RFC 3339
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

impl Mitigated {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let at = session.past(self.at.as_deref())?;
        let (incident, text) = target_and_text(&self.words, self.incident)?;
        super::change_of_state(session, Command::Mitigated { incident, at, text })
    }
}
