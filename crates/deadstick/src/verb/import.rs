//! `import`: an incident that was exported elsewhere.

use std::path::PathBuf;

use api::Imported;
use clap::Args;

use crate::failure::{Ending, Failure};
use crate::output::{one_line, strong};
use crate::session::Session;

/// Imports an incident exported elsewhere with `export`; the same again adds nothing.
#[derive(Debug, Args)]
pub struct Import {
    /// The exported JSON document; `-` for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Import {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let text = if self.file.as_os_str() == "-" {
            std::io::read_to_string(std::io::stdin())
        } else {
            std::fs::read_to_string(&self.file)
        };
        let text = text.map_err(|error| {
            Failure::environment("file", format!("{} can't be read.", self.file.display())).why(error)
        })?;
        let export: serde_json::Value = serde_json::from_str(&text).map_err(|error| {
            Failure::refused("not-an-export", format!("{} is no JSON document.", self.file.display()))
                .why(error)
                .hint("`deadstick export INC` makes one.")
        })?;
        let done: Imported = session.client()?.post("/api/v1/incidents/import", &export)?;
        session.out.print(&done, || {
            let notes: String =
                done.notes.iter().map(|note| format!("\n  {}", one_line(note, 300))).collect();
            format!(
                "{}: {} facts added, {} known, {} left out{notes}\n  {}",
                strong(&done.incident),
                done.stored,
                done.known,
                done.refused,
                done.url
            )
        })
    }
}
