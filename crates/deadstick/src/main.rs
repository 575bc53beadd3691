//! The black box, the incident and its facts: server, recorders and command line in one binary.
//!
//! `cli` is the tree of verbs, `verb` has one file for each; a verb uses a [`session::Session`] and
//! ends with an [`failure::Ending`] or a [`failure::Failure`], which is printed here and nowhere else.

mod certificate;
mod cli;
mod client;
mod demo;
mod environment;
mod failure;
mod home;
mod offline;
mod output;
mod queue;
mod reference;
mod session;
mod time_input;
mod verb;

use std::process::ExitCode;

use clap::Parser;

use failure::{Ending, Failure};
use session::Session;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(refused) => return not_understood(&refused),
    };
    let session = Session::new(&cli.globals);
    match verb::run(cli.verb, &session) {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::No) => ExitCode::from(1),
        Err(failure) if failure.is_unread() => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print(cli.globals.json);
            ExitCode::from(failure.exit_status())
        }
    }
}

/// Help and version go to stdout; a command line that can't be understood is a usage failure.
fn not_understood(refused: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os().any(|argument| argument == "--json");
    if !refused.use_stderr() {
        let _ = refused.print();
        return ExitCode::SUCCESS;
    }
    if wants_json {
        let text = refused.render().to_string();
        let title = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let failure = Failure::usage("usage", title).hint("`deadstick help VERB` tells what it takes.");
        failure.print(true);
        return ExitCode::from(failure.exit_status());
    }
    let _ = refused.print();
    ExitCode::from(2)
}
