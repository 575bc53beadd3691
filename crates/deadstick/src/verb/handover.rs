//! `handover`: command goes to somebody else, with the brief.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change;
use crate::client::segment;
use crate::failure::{Ending, Failure};
use crate::output::{one_line, printable};
use crate::reference::{self, Directory};
use crate::session::Session;

/// Hands over command of an incident; the brief as handed over is recorded.
#[derive(Debug, Args)]
pub struct Handover {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// The new commander
    #[arg(value_name = "PERSON")]
    to: String,
    /// The brief, if not the one that `brief` shows
    #[arg(long, value_name = "TEXT")]
    brief: Option<String>,
}

impl Handover {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let client = session.client()?;
        let to = Directory::read(&client)?.person(&self.to)?;
        let brief = match self.brief {
            Some(text) => text,
            None => {
                let path = format!("/api/v1/incidents/{}/brief", segment(&self.incident.0));
                client.read::<api::Brief>(&path)?.text
            }
        };
        let sentence = format!(
            "command handed over to {}, with this brief:\n\n{}",
            one_line(&self.to, 80),
            printable(&brief)
        );
        change(session, Command::HandOver { incident: self.incident, to, brief }, &sentence)
    }
}
