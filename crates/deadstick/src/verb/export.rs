//! `export`: an incident as one document, with or without a server.

use clap::{Args, ValueEnum};
use incident::IncidentRef;

use crate::client::{Client, segment};
use crate::failure::{Ending, Failure};
use crate::offline::Offline;
use crate::reference;
use crate::session::Session;

/// Exports an incident with everything of it that you may see, to stdout. Works without a server on
/// a data directory that you may read; then everything is in it.
#[derive(Debug, Args)]
pub struct Export {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident, required_unless_present = "all")]
    incident: Option<IncidentRef>,
    /// All incidents, as a JSON array
    #[arg(long, conflicts_with_all = ["incident", "format"])]
    all: bool,
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

/// Where exports come from.
enum Origin {
    Server(Client),
    Directory(Box<Offline>),
}

impl Export {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let origin = Origin::of(session)?;
        let Some(incident) = self.incident else {
            let names = origin.incidents()?;
            let documents = names.iter().map(|name| origin.document(name, Format::Json));
            let documents = documents.collect::<Result<Vec<_>, _>>()?;
            session.out.line(&format!("[{}]", documents.join(",\n")))?;
            return Ok(Ending::Done);
        };
        let text = origin.document(&incident.0, self.format)?;
        if session.out.json && self.format == Format::Markdown {
            return session.out.print(&serde_json::json!({ "markdown": text }), String::new);
        }
        session.out.line(text.trim_end())?;
        Ok(Ending::Done)
    }
}

impl Origin {
    fn of(session: &Session) -> Result<Self, Failure> {
        let home = session.home();
        match session.client() {
            Err(failure) if failure.problem.code == "server-away" && Offline::is_possible(&home) => {
                Ok(Origin::Directory(Box::new(Offline::open(&home)?)))
            }
            client => client.map(Origin::Server),
        }
    }

    fn incidents(&self) -> Result<Vec<String>, Failure> {
        let incidents: Vec<api::Incident> = match self {
            Origin::Server(client) => client.read("/api/v1/incidents")?,
            Origin::Directory(log) => log.incidents(),
        };
        Ok(incidents.into_iter().map(|incident| incident.incident).collect())
    }

    fn document(&self, name: &str, format: Format) -> Result<String, Failure> {
        match (self, format) {
            (Origin::Server(client), format) => {
                let format = if format == Format::Json { "json" } else { "markdown" };
                Ok(client.text(&format!("/api/v1/incidents/{}/export?format={format}", segment(name)))?)
            }
            (Origin::Directory(log), Format::Json) => log.json(name),
            (Origin::Directory(log), Format::Markdown) => log.markdown(name),
        }
    }
}
