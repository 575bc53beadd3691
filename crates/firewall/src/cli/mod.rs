//! The command line: `verb` has one file for each verb; a verb uses a [`Session`] and ends with an
//! [`Ending`] or a [`Failure`], which is printed here and nowhere else.

mod arguments;
pub mod carry_out;
mod dump;
pub mod edit;
mod failure;
mod habit;
mod output;
mod session;
pub mod verb;

use std::io::Write;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

pub use arguments::{Cli, EditOptions, Globals, seconds};
pub use failure::{Ending, Failure, chain};
pub use output::Output;
pub use session::Session;

/// What `deadstick-fw` does.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refused) => return not_understood(&refused),
    };
    let session = Session::new(cli.globals);
    match verb::run(cli.verb, &session) {
        Ok(ending) => ExitCode::from(ending.exit_status()),
        Err(failure) if failure.is_unread() => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print(session.out.json);
            ExitCode::from(failure.exit_status())
        }
    }
}

/// Help and version go to stdout; a command line that can't be understood is an error like any other: exit status 1.
fn not_understood(refused: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os().any(|argument| argument == "--json");
    if !refused.use_stderr() {
        // Nobody is left to tell when stdout itself is closed.
        let _ = refused.print();
        return ExitCode::SUCCESS;
    }
    let is_bare = refused.kind() == ErrorKind::MissingSubcommand;
    if wants_json || !is_bare {
        let text = refused.render().to_string();
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let told = |line: &&&str| !line.starts_with("Usage:") && !line.starts_with("For more information");
        let title = lines
            .first()
            .map_or("The command line is not understood.", |line| line.trim_start_matches("error: "));
        let why: Vec<&str> = lines.iter().skip(1).filter(told).copied().collect();
        let usage = lines.iter().find_map(|line| line.strip_prefix("Usage: "));
        let hint = usage.map_or_else(
            || "`deadstick-fw help VERB` tells what a verb takes.".to_owned(),
            |usage| format!("{usage}; `deadstick-fw help VERB` tells more."),
        );
        let mut failure = Failure::new("usage", title).hint(hint);
        if !why.is_empty() {
            failure = failure.why(why.join(" "));
        }
        failure.print(wants_json);
    } else {
        let _ = write!(anstream::stderr().lock(), "{}", Cli::command().render_help().ansi());
    }
    ExitCode::from(1)
}
