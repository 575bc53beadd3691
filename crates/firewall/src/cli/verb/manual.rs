//! `manual`: the manual pages and the reference, made from the tree of verbs.

use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};

use crate::cli::{Cli, Ending, Failure, Session};

/// Prints the reference (docs/fw-cli.md), or writes the manual pages into a directory.
#[derive(Debug, Args)]
pub struct Manual {
    /// Write manual pages here instead
    #[arg(long, value_name = "DIR")]
    pages: Option<PathBuf>,
}

impl Manual {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let command = Cli::command();
        let Some(directory) = self.pages else {
            session.out.text(reference(command).trim_end())?;
            return Ok(Ending::Done);
        };
        let written =
            std::fs::create_dir_all(&directory).and_then(|()| clap_mangen::generate_to(command, &directory));
        written.map_err(|error| {
            Failure::new("manual", format!("The pages can't be written to {}.", directory.display()))
                .why(error)
        })?;
        Ok(Ending::Done)
    }
}

/// The whole command line as Markdown: docs/fw-cli.md.
pub fn reference(mut command: Command) -> String {
    command = command.term_width(100);
    command.build();
    let mut text = String::from(
        "# Command line of deadstick-fw\n\nMade by `deadstick-fw manual`; a test compares. A tour is in [the guide](guide/firewall.md).\n",
    );
    text.push_str(CONTRACTS);
    section(&mut text, &mut command, "deadstick-fw");
    text
}

const CONTRACTS: &str = "
## Contracts

- Exit status: 0 nothing to do or done, 1 error (a command line that is not understood too), 2 changes would be made (`--check`), 3 refused.
- `--json` prints exactly one JSON document on stdout. Errors go to stderr: what failed, why, what to do; with `--json` as
  `{\"code\",\"title\",\"detail\"?,\"hint\"?,\"choices\"?}`.
- A verb that changes rules answers with its plan: `{\"id\",\"noop\",\"because\",\"changes\":[{\"op\",\"backend\",\"family\",\"table\",\"chain\",\"position\",\"rule\"}],\"impact\":{...}}`, and
  beside it `applied`, `confirm_within`, `expires_in`, `written` (boot files), `remarks`. `position` is 1-based, after that change; `rule` is the text after `-A CHAIN `.
- With `--from`, `--from6` rules are read from files, and nothing is ever applied. Formats are told apart by what they look like.
- State (journal, pending change) is in `--state-dir`, else in `DEADSTICK_FW_STATE`, else in /var/lib/deadstick-fw, with a folder for each network namespace but the
  first. The journal, `journal.ndjson`, is lines of facts as in [Fact in](formats/fact-in.md).
- Colours are for terminals; `NO_COLOR` turns them off. Whatever rules say is made harmless before a terminal sees it.
- No shell is ever run, no name looked up, no connection made.
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
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/fw-cli.md");
        let made = reference(Cli::command());
        if std::env::var_os("DEADSTICK_UPDATE").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        let checked_in = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            made == checked_in,
            "docs/fw-cli.md is not what `deadstick-fw manual` prints: DEADSTICK_UPDATE=1 cargo test -p firewall writes it"
        );
    }
}
