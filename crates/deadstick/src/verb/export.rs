//! `export`: an incident as one document.

use clap::{Args, ValueEnum};
use incident::IncidentRef;

use crate::client::segment;
use crate::failure::{Ending, Failure};
use crate::reference;
use crate::session::Session;

/// Exports an incident with everything of it that you may see, to stdout.
#[derive(Debug, Args)]
pub struct Export {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// The form; JSON imports elsewhere without loss
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON document
    Json,
    /// Markdown, to read
    Markdown,
}

impl Export {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let name = segment(&self.incident.0);
        let format = match self.format {
            Format::Json => "json",
            Format::Markdown => "markdown",
        };
        let text = session.client()?.text(&format!("/api/v1/incidents/{name}/export?format={format}"))?;
        if session.out.json && self.format == Format::Markdown {
            return session.out.print(&serde_json::json!({ "markdown": text }), String::new);
        }
        session.out.line(text.trim_end())?;
        Ok(Ending::Done)
    }
}
