//! `temporary`: measures that must be undone, or accepted by name.

use clap::{Args, Subcommand};
use incident::Command;

use super::change;
use super::did::words;
use crate::failure::{Ending, Failure};
use crate::output::{one_line, table};
use crate::reference::FactArgument;
use crate::session::Session;

/// Lists temporary measures still in place, or settles one.
#[derive(Debug, Args)]
pub struct Temporary {
    /// What to do; lists if left out
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List what is still in place, also of closed incidents
    List,
    /// It was undone
    Undo {
        /// The measure: #4711 or its UUID
        #[arg(value_name = "FACT")]
        measure: FactArgument,
        /// How
        #[arg(value_name = "TEXT")]
        text: Vec<String>,
        /// When, if earlier: 15:04, "10m ago", "yesterday 15:04", RFC 3339
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// It stays, and you answer for it by name
    Accept {
        /// The measure: #4711 or its UUID
        #[arg(value_name = "FACT")]
        measure: FactArgument,
        /// The reason
        #[arg(required = true, value_name = "WHY")]
        why: Vec<String>,
    },
}

impl Temporary {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        match self.what.unwrap_or(What::List) {
            What::List => list(session),
            What::Undo { measure, text, at } => {
                let at = session.past(at.as_deref())?;
                let measure = measure.id(&session.client()?, None)?;
                let text = Some(text.join(" ")).filter(|text| !text.is_empty());
                change(session, Command::UndoTemporary { measure, at, text }, "undone, no longer listed")
            }
            What::Accept { measure, why } => {
                let measure = measure.id(&session.client()?, None)?;
                let why = words(&why)?;
                change(session, Command::AcceptTemporary { measure, why }, "accepted in your name")
            }
        }
    }
}

fn list(session: &Session) -> Result<Ending, Failure> {
    let now: api::Now = session.client()?.read("/api/v1/now")?;
    let moments = session.moments();
    session.out.print(&now.temporary, || {
        if now.temporary.is_empty() {
            return "No temporary measure is in place.".into();
        }
        let rows = now.temporary.iter().map(|measure| {
            [
                moments.full(measure.at),
                measure.incident.clone().unwrap_or_else(|| "-".into()),
                measure.by.name.clone(),
                measure.because.map_or_else(|| "-".into(), super::did::because_word),
                one_line(&measure.text, 200),
                measure.fact.to_string(),
            ]
        });
        table(["since", "incident", "by", "because", "what", "fact"], rows)
    })
}
