//! `deny`: no, that was not its result.

use clap::Args;

use super::confirm::Verdict;
use crate::failure::{Ending, Failure};
use crate::session::Session;

/// Denies that a fact is the result of an action; it is not proposed again.
#[derive(Debug, Args)]
pub struct Deny {
    /// Which
    #[command(flatten)]
    verdict: Verdict,
}

impl Deny {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        self.verdict.give(session, false)
    }
}
