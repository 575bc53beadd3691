//! `enable`, `disable`, `reload`, `reset`: ufw's words for its own files.

use clap::Args;

use crate::cli::edit;
use crate::cli::{EditOptions, Ending, Failure, Session};

/// Changes nothing: shows what is live, and which command was perhaps meant.
#[derive(Debug, Args)]
pub struct Habit {
    #[command(flatten)]
    options: EditOptions,
    /// ufw's own option; it asks nothing here
    #[arg(long, hide = true)]
    force: bool,
}

impl Habit {
    /// Runs it; `verb` is the word it came by.
    pub fn run(self, verb: &str, session: &Session) -> Result<Ending, Failure> {
        edit::run(session, &[verb.to_owned()], &self.options, |_| {})
    }
}
