//! One file for each verb: its arguments, what it does, what it prints.
//!
//! A verb is a `clap::Args` with `run(self, &Session) -> Result<Ending, Failure>`: a module here, a variant of
//! [`Verb`], a line in [`run`] and a word in [`OVERVIEW`].

pub mod completions;

use clap::Subcommand;

use super::{Ending, Failure, Session};

/// The verbs by what one wants, as `deadstick-fw help` shows them.
pub const OVERVIEW: &str = "\
Set up:
  completions  for your shell
";

/// A verb.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Print shell completions
    Completions(completions::Completions),
}

/// Runs a verb.
pub fn run(verb: Verb, session: &Session) -> Result<Ending, Failure> {
    match verb {
        Verb::Completions(verb) => verb.run(session),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overview_names_every_verb() {
        let command = <crate::cli::Cli as clap::CommandFactory>::command();
        for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
            let name = verb.get_name();
            assert!(
                OVERVIEW.split_whitespace().any(|word| word == name),
                "{name} is missing in the overview"
            );
        }
        command.debug_assert();
    }
}
