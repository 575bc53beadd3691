//! `manual`: the manual pages and the reference, made from the tree of verbs.

use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};

use crate::failure::{Ending, Failure};
use crate::session::Session;

/// Prints the reference (docs/cli.md), or writes the manual pages into a directory.
#[derive(Debug, Args)]
pub struct Manual {
    /// Write manual pages here instead
    #[arg(long, value_name = "DIR")]
    pages: Option<PathBuf>,
}

impl Manual {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let command = crate::cli::Cli::command();
        let Some(directory) = self.pages else {
            session.out.line(reference(command).trim_end())?;
            return Ok(Ending::Done);
        };
        let written =
            std::fs::create_dir_all(&directory).and_then(|()| clap_mangen::generate_to(command, &directory));
        written.map_err(|error| {
            Failure::environment("manual", format!("The pages can't be written to {}.", directory.display()))
                .why(error)
        })?;
        Ok(Ending::Done)
    }
}

/// The whole command line as Markdown: docs/cli.md.
pub fn reference(mut command: Command) -> String {
    command = command.term_width(100);
    command.build();
    let mut text = String::from(
        "# Command line\n\nMade by `deadstick manual`; a test compares. How answers, errors and exit statuses look is in the \
         [contracts](#contracts).\n",
    );
    text.push_str(CONTRACTS);
    section(&mut text, &mut command, "deadstick");
    text
}

const CONTRACTS: &str = "
## Contracts

- `--json` prints exactly one JSON document on stdout; with `timeline --follow` one object a line. Lists are bare arrays.
- Exit status: 0 done, 1 the answer is no, 2 not understood, 3 refused or ambiguous, 4 disk, network or permissions.
- Errors go to stderr: what failed, why, what to do; with `--json` as one problem document (RFC 9457).
- The server is found by `--data DIR` or `DEADSTICK_DATA` (it must run on this machine), else by `--url URL` or
  `DEADSTICK_URL` with `DEADSTICK_TOKEN`, else in the default data directory. An option counts more than the environment.
- `declare`, `did`, `note` and `why` are kept on disk with their time while the server is away, and sent before the next
  verb. `--json` then prints `{\"fact\":...,\"incident\":null,\"queued\":true}`.
- Times: `15:04`, `10m ago`, `yesterday 15:04`, `2026-02-20 15:04` are meant in the local zone; RFC 3339 says its own.
- A fact is named by its number in a timeline, `#4711`, or its UUID; an incident by `INC-12`, `12` or its UUID.
";

fn section(text: &mut String, command: &mut Command, path: &str) {
    text.push_str(&format!(
        "\n## {path}\n\n```text\n{}\n```\n",
        command.render_long_help().to_string().trim_end()
    ));
    for verb in command.get_subcommands_mut().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help")
    {
        let path = format!("{path} {}", verb.get_name());
        section(text, verb, &path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_checked_in() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");
        let made = reference(crate::cli::Cli::command());
        if std::env::var_os("DEADSTICK_UPDATE").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        let checked_in = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            made == checked_in,
            "docs/cli.md is not what `deadstick manual` prints: DEADSTICK_UPDATE=1 cargo test -p deadstick writes it"
        );
    }

    #[test]
    fn the_overview_names_every_verb() {
        let command = crate::cli::Cli::command();
        for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
            let name = verb.get_name();
            let named = crate::verb::OVERVIEW.split_whitespace().any(|word| word == name);
            assert!(named, "{name} is missing in the overview");
        }
        command.debug_assert();
    }
}
