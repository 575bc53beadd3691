//! `completions`: for shells.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::failure::{Ending, Failure};
use crate::session::Session;

/// Prints completions for a shell, to be sourced or put where it looks for them.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    /// Runs it.
    pub fn run(self, _: &Session) -> Result<Ending, Failure> {
        let mut command = crate::cli::Cli::command();
        clap_complete::generate(self.shell, &mut command, "deadstick", &mut std::io::stdout());
        Ok(Ending::Done)
    }
}
