//! `boot`: closes what a reboot has ended; for a unit that runs once after each boot.

use clap::Args;

use crate::cli::{Ending, Failure, Session};
use crate::guard;
use crate::view::printable;

/// Finishes changes that were unconfirmed or temporary when the machine went down.
#[derive(Debug, Args)]
pub struct Boot {}

impl Boot {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let site = session.changes();
        let finished = guard::finish(&site).map_err(|error| unfinished(&error))?;
        let is_whole = finished
            .closed
            .iter()
            .all(|record| record.undone.as_ref().is_none_or(|undone| undone.is_whole()));
        session.out.print(&finished.notes, || {
            let notes: Vec<String> = finished.notes.iter().map(|note| printable(note).to_string()).collect();
            if notes.is_empty() { "Nothing had to be finished.".to_owned() } else { notes.join("\n") }
        })?;
        Ok(if is_whole { Ending::Done } else { Ending::No })
    }
}

/// Records that can't be used.
pub fn unfinished(error: &dyn std::error::Error) -> Failure {
    Failure::new("records", "The records of unconfirmed changes can't be used.").because(error)
}
