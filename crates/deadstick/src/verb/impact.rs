//! `impact`: who was hit, and how one knows.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change;
use super::did::words;
use crate::failure::{Ending, Failure};
use crate::reference::{self, FactArgument};
use crate::session::Session;

/// Says who was hit by an incident, from when until when, and how one knows.
#[derive(Debug, Args)]
pub struct Impact {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// Who was hit
    #[arg(required = true, value_name = "WHO")]
    who: Vec<String>,
    /// From: 15:04, "10m ago", "yesterday 15:04", RFC 3339
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Until
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// How one knows
    #[arg(long, value_name = "TEXT")]
    how: Option<String>,
    /// The fact that shows it: #4711 or its UUID
    #[arg(long, value_name = "FACT")]
    evidence: Option<FactArgument>,
}

impl Impact {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let from = session.past(self.from.as_deref())?;
        let until = session.past(self.until.as_deref())?;
        let who = words(&self.who)?;
        let client = session.client()?;
        let evidence = self.evidence.map(|fact| fact.id(&client, Some(&self.incident))).transpose()?;
        let command =
            Command::Impact { incident: self.incident, from, until, who, how_known: self.how, evidence };
        change(session, command, "impact recorded")
    }
}
