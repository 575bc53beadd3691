//! `verify`: is the log whole?

use std::io::{IsTerminal, Write};

use clap::Args;
use serde::Serialize;
use store::Verdict;

use crate::failure::{Ending, Failure, chain};
use crate::session::Session;

/// Checks that the log is whole: every fact against the tree, every column against the stored
/// bytes, every missing content against the record of its erasure. Works while the server runs.
#[derive(Debug, Args)]
pub struct Verify {}

/// What `verify --json` prints.
#[derive(Debug, Serialize)]
struct Verdicted {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<String>,
}

impl Verify {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let home = session.home();
        let verdict = store_sqlite::verify(home.path(), &mut progress).map_err(|error| {
            Failure::environment(
                "log-unreadable",
                format!("The log in {} can't be read.", home.path().display()),
            )
            .why(chain(&error))
            .hint("Name the data directory with --data DIR, and run this as a user who may read it.")
        })?;
        match verdict {
            Verdict::Whole(head) => {
                let told = Verdicted {
                    ok: true,
                    position: None,
                    what: None,
                    size: Some(head.size),
                    root: Some(head.root.hex()),
                };
                session.out.print(&told, || {
                    format!("The log is whole: {} positions, root {}", head.size, head.root.hex())
                })
            }
            Verdict::Broken { position, what } => {
                let told = Verdicted {
                    ok: false,
                    position: Some(position),
                    what: Some(what.clone()),
                    size: None,
                    root: None,
                };
                session.out.print(&told, || {
                    format!("The log is NOT whole. First at position {position}: {what}\nKeep a copy of the directory as it is before anything else is done with it.")
                })?;
                Ok(Ending::No)
            }
        }
    }
}

/// Tells on a terminal how far it is, with logs that take a while.
fn progress(done: u64, size: u64) {
    let mut stderr = std::io::stderr();
    if size > 50_000 && stderr.is_terminal() {
        let end = if done >= size { "\r\x1b[K" } else { "" };
        let _ = write!(stderr, "\r{done} of {size} positions{end}");
    }
}
