//! The project's own chores: everything that is checked before a change lands, by one command.
//!
//! `cargo xtask test` is what CI runs, and what runs on a laptop.

mod bench;
mod needs;
mod plan;
mod steps;
mod tally;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test [--soak]    brings what the tests need, then runs every check and every test
                   (--soak: large ones at full size)
  tidy             checks the repository's own rules only
  bench [NAME...]  runs the benchmarks, release build
  needs            brings what the tests need, or names what is missing";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let root = root();
    match words.as_slice() {
        ["test"] => plan::test(&root, plan::Soak::No),
        ["test", "--soak"] => plan::test(&root, plan::Soak::Yes),
        ["tidy"] => tidy::run(&root),
        ["bench", names @ ..] => bench::run(&root, names),
        ["needs"] => needs::run(&root),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// The root of the repository: this crate lies one below.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
