//! `confirm`: keeps the change that waits for it.

use clap::Args;
use ruleset::Flow;
use serde::Serialize;

use super::rollback::failure;
use crate::cli::{Ending, Failure, Session};
use crate::guard::{self, Ended};
use crate::live::Want;
use crate::persist;
use crate::view::printable;

/// Keeps the change that waits for its confirmation.
#[derive(Debug, Args)]
pub struct Confirm {
    /// Count this session even if it came over a connection that was there before the change
    #[arg(long)]
    same_session: bool,
}

#[derive(Debug, Serialize)]
struct Answer {
    confirmed: Vec<String>,
    expires_in: Option<u64>,
    written: Vec<std::path::PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    killed: Option<Ended>,
    remarks: Vec<String>,
}

impl Confirm {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let site = session.changes();
        let confirmed = guard::confirm(&site, self.same_session).map_err(|error| failure(&error))?;
        let mut remarks = confirmed.notes.clone();
        let mut written = Vec::new();
        let changes: Vec<_> = confirmed.record.edits.edits.iter().map(|edit| edit.change.clone()).collect();
        let is_for_good = confirmed.record.expires.is_none();
        if is_for_good && !persist::is_kept(&session.globals.root) {
            remarks.extend(persist::outlook(&session.globals.root, &changes));
        } else if is_for_good {
            // What is confirmed stays also if the boot files can't be written: then that is told.
            match session.snapshot(Want::default()) {
                Ok(live) => {
                    let kept = persist::keep(&session.globals.root, &changes, &live.ruleset);
                    written = kept.written;
                    remarks.extend(kept.remarks);
                }
                Err(failure) => remarks.push(format!("Boot files were left as they are: {}", failure.title)),
            }
        }
        let killed = (!confirmed.record.kill.is_empty()).then(|| kill(session, &confirmed.record.kill));
        let expires_in = confirmed.record.expires.map(|expiry| expiry.deadline.seconds_left());
        let answer =
            Answer { confirmed: confirmed.record.command.clone(), expires_in, written, killed, remarks };
        session.out.print(&answer, || lines(&answer))
    }
}

/// Ends established connections that the new rules forbid.
pub fn kill(session: &Session, flows: &[Flow]) -> Ended {
    let read = || session.snapshot(Want::default()).map_err(|failure| failure.title);
    guard::end(&session.changes(), flows, &read)
}

/// What came of it, for people.
pub fn told(ended: &Ended) -> String {
    let mut text = format!("Ended {} established connections that the new rules forbid.\n", ended.ended);
    for survivor in &ended.survivors {
        text.push_str(&format!("still there: {}\n", printable(survivor)));
    }
    for note in &ended.notes {
        text.push_str(&format!("{}\n", printable(note)));
    }
    text
}

fn lines(answer: &Answer) -> String {
    let command = printable(&answer.confirmed.join(" ")).to_string();
    let mut text = match answer.expires_in {
        Some(left) => format!("Confirmed: {command}. It ends in {left} s.\n"),
        None => format!("Confirmed: {command}. It stays.\n"),
    };
    for path in &answer.written {
        text.push_str(&format!("Written for the next boot: {}\n", path.display()));
    }
    text.push_str(&answer.killed.as_ref().map(told).unwrap_or_default());
    for remark in &answer.remarks {
        text.push_str(&format!("{}\n", printable(remark)));
    }
    text
}
