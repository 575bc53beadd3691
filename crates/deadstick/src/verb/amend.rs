//! `amend`: a wrong time or text; the first telling stays visible.

use clap::Args;
use incident::Command;

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference::FactArgument;
use crate::session::Session;

/// Corrects time or text of a fact; the first telling stays visible.
#[derive(Debug, Args)]
pub struct Amend {
    /// The fact: #4711 or its UUID
    #[arg(value_name = "FACT")]
    fact: FactArgument,
    /// Its right time: 15:04, "10m ago", "yesterday 15:04", RFC 3339
    #[arg(long, value_name = "TIME", required_unless_present = "text")]
    at: Option<String>,
    /// Its right text
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// The reason
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

impl Amend {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let occurred_at = session.past(self.at.as_deref())?;
        let fact = self.fact.id(&session.client()?, None)?;
        change(session, Command::Amend { fact, occurred_at, text: self.text, why: self.why }, "amended")
    }
}
