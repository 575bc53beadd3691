//! `rollback`: takes back the change that waits for its confirmation, at once.

use clap::Args;

use crate::apply::Undone;
use crate::cli::{Ending, Failure, Session};
use crate::guard::{self, AnswerError, Record, State};
use crate::view::printable;

/// Takes back the change that waits for its confirmation, or a temporary one.
#[derive(Debug, Args)]
pub struct Rollback {
    /// A temporary change, by its id in `pending` (the beginning does)
    #[arg(value_name = "ID")]
    id: Option<String>,
}

impl Rollback {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let (_, undone) =
            guard::rollback(&session.changes(), self.id.as_deref()).map_err(|error| failure(&error))?;
        session.out.print(&undone, || lines(&undone))?;
        Ok(if undone.is_whole() { Ending::Done } else { Ending::No })
    }
}

/// What was taken back, and what could not be.
pub fn lines(undone: &Undone) -> String {
    let part = |mark: &str, lines: &[String]| -> String {
        lines.iter().map(|line| format!("{mark}{}\n", printable(line))).collect()
    };
    let text =
        part("", &undone.done) + &part("note: ", &undone.notes) + &part("not taken back: ", &undone.failed);
    if text.is_empty() { "Nothing was left of it.".to_owned() } else { text }
}

/// Why an answer had no effect, for people.
pub fn failure(error: &AnswerError) -> Failure {
    match error {
        AnswerError::Nothing { last, notes } => {
            let failure = Failure::new("nothing-pending", "No change waits for an answer.");
            let why = last.as_deref().map(ended).into_iter().chain(notes.iter().cloned()).collect::<Vec<_>>();
            if why.is_empty() { failure } else { failure.why(why.join(" ")) }
        }
        AnswerError::TooLate => Failure::new("too-late", "The time for it is over.")
            .why("the change is being taken back")
            .hint("`deadstick-fw history` tells how it ended; make it again if it was right"),
        AnswerError::OldConnection => Failure::refused("old-connection", "This session does not prove that one can still log in.")
            .why("it came over a connection that is older than the change (or shared with one, as ControlMaster does), or over none")
            .hint("open a new connection (ssh -o ControlPath=none) and confirm there; --same-session confirms nevertheless"),
        AnswerError::Elsewhere => Failure::refused("elsewhere", "The change belongs to another network namespace or boot."),
        AnswerError::Undo(source) => Failure::new("undo", "The change could not be taken back.").because(source),
        AnswerError::Store(_) => super::boot::unfinished(error),
    }
}

/// How the last change ended.
fn ended(record: &Record) -> String {
    let how = match record.state {
        State::Intent | State::Applied => "is open",
        State::Kept => "stays",
        State::Nothing => "was not made",
        State::RolledBack => "was taken back",
        State::Expired => "was temporary and has ended",
        State::Rebooted => "was ended by a reboot",
    };
    format!("The last one, `{}`, {how}.", record.title())
}
