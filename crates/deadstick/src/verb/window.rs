//! `window`: the stretch of time that belongs to an incident.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference;
use crate::session::Session;

/// Sets the ends of an incident's window by hand; an end left out goes back to its default (an hour
/// before the start, a quarter of an hour after the close).
#[derive(Debug, Args)]
pub struct Window {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// From: 15:04, "10m ago", "yesterday 15:04", RFC 3339
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Until
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

impl Window {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let from = session.past(self.from.as_deref())?;
        let until = session.past(self.until.as_deref())?;
        change(session, Command::Window { incident: self.incident, from, until }, "window set")
    }
}
