//! `completions`: for shells.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::{Cli, Ending, Failure, Session};

/// Prints completions for a shell, to be sourced or put where it looks for them.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "deadstick-fw", &mut text);
        session.out.raw(&text)?;
        Ok(Ending::Done)
    }
}
