//! `undo`: an own entry is taken back; it stays in the log.

use clap::Args;
use incident::Command;

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference::FactArgument;
use crate::session::Session;

/// Takes back an own entry: a `did`, `note`, `why`, result, verdict or correction.
#[derive(Debug, Args)]
pub struct Undo {
    /// The fact: #4711 or its UUID
    #[arg(value_name = "FACT")]
    fact: FactArgument,
    /// The reason
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

impl Undo {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let fact = self.fact.id(&session.client()?, None)?;
        change(session, Command::Undo { fact, why: self.why }, "taken back")
    }
}
