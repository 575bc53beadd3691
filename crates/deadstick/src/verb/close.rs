//! `close`: nothing more is to be done now.

use clap::Args;
use incident::{Command, IncidentRef};

use super::incidents::headline;
use super::status::target_and_text;
use crate::client::segment;
use crate::failure::{Ending, Failure};
use crate::output::one_line;
use crate::reference;
use crate::session::Session;

/// Closes an incident; shows what is left loose.
#[derive(Debug, Args)]
pub struct Close {
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

impl Close {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let at = session.past(self.at.as_deref())?;
        let (incident, text) = target_and_text(&self.words, self.incident)?;
        close(session, Command::Close { incident, at, text })
    }
}

/// Closes, then tells what is left loose.
fn close(session: &Session, command: Command) -> Result<Ending, Failure> {
    let done = session.give(command)?;
    let name = done.incident.unwrap_or_default();
    let path = format!("/api/v1/incidents/{}?view=full", segment(&name));
    let view: api::IncidentView = session.bare_client()?.read(&path)?;
    session.out.print(&view, || {
        let mut text = headline(&view.incident, &session.moments());
        if !view.loose_ends.is_empty() {
            text.push_str("\nLeft loose:");
        }
        for loose in &view.loose_ends {
            text.push_str(&format!("\n  {}: {}", loose.what, one_line(&loose.text, 300)));
        }
        text
    })
}
