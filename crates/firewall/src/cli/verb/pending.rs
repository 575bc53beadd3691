//! `pending`: what waits for a confirmation, and what is there for a while only.

use clap::Args;
use serde::Serialize;

use super::boot::unfinished;
use crate::cli::{Ending, Failure, Session};
use crate::guard::{self, Record, State};
use crate::view::printable;

/// Shows the change that waits for its confirmation, and temporary ones.
#[derive(Debug, Args)]
pub struct Pending {}

/// A change that can still go back by itself.
#[derive(Debug, Serialize)]
pub struct Open {
    /// Its id, for `rollback ID`.
    pub id: uuid::Uuid,
    /// Where it is.
    pub state: State,
    /// What was typed.
    pub command: Vec<String>,
    /// When it was begun.
    pub begun_at: fact::Timestamp,
    /// Seconds until it goes back unless it is confirmed.
    pub confirm_within: Option<u64>,
    /// Seconds until it goes back in any case.
    pub expires_in: Option<u64>,
    /// Does a guard live that takes it back?
    pub is_guarded: bool,
    /// `--reason`.
    pub reason: Option<String>,
    /// `--incident`.
    pub incident: Option<String>,
}

impl Pending {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let site = session.changes();
        let finished = guard::finish(&site).map_err(|error| unfinished(&error))?;
        for note in &finished.notes {
            session.out.remark(&format!("note: {}", printable(note)));
        }
        let open: Vec<Open> = site.store.open().iter().map(|record| told(&site, record)).collect();
        session.out.print(&open, || {
            if open.is_empty() {
                "Nothing is pending, and nothing is temporary.".to_owned()
            } else {
                lines(&open)
            }
        })
    }
}

/// A record as it is told.
fn told(site: &guard::Site, record: &Record) -> Open {
    Open {
        id: record.id,
        state: record.state,
        command: record.command.clone(),
        begun_at: record.begun_at,
        confirm_within: record
            .confirm
            .filter(|_| record.is_pending())
            .map(|confirm| confirm.deadline.seconds_left()),
        expires_in: record.expires.map(|expiry| expiry.deadline.seconds_left()),
        is_guarded: site.store.is_guarded(record.id),
        reason: record.reason.clone(),
        incident: record.incident.clone(),
    }
}

fn lines(open: &[Open]) -> String {
    let mut text = String::new();
    for change in open {
        let command = printable(&change.command.join(" "));
        text.push_str(&match (change.state, change.confirm_within, change.expires_in) {
            (State::Intent, ..) => format!("{command}\n  is being made just now.\n"),
            (State::Applied, Some(left), _) => format!(
                "{command}\n  goes back in {left} s, unless it is confirmed: log in anew (a new connection), then deadstick-fw confirm\n"
            ),
            (_, _, Some(left)) => format!("{command}\n  is temporary and goes back in {left} s; earlier with deadstick-fw rollback {}\n", change.id),
            _ => format!("{command}\n"),
        });
        let details = [
            ("since", Some(change.begun_at.spoken())),
            ("why", change.reason.clone()),
            ("incident", change.incident.clone()),
        ];
        for (label, detail) in details {
            text.push_str(
                &detail.map_or_else(String::new, |detail| format!("  {label}: {}\n", printable(&detail))),
            );
        }
        if !change.is_guarded && change.state != State::Intent {
            text.push_str("  no guard lives: it goes back at the next run of deadstick-fw after its time\n");
        }
    }
    text
}
