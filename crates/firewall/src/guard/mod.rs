//! A change that nobody confirms goes back: by a process of its own, which outlives the tool, the session and the terminal.
//!
//! The order is: the intent on disk, the guard armed, the change written, the change verified, the outcome on disk. Whoever
//! dies where, either nothing was changed or a guard takes it back; and what a guard could not finish, the next run does.

mod answer;
mod arm;
mod ending;
mod finish;
mod login;
mod moment;
mod process;
mod record;
mod run;
mod store;

use std::path::{Path, PathBuf};

pub use answer::{AnswerError, Confirmed, confirm, rollback};
pub use ending::{Ended, end};
pub use finish::{Finished, finish};
pub use moment::{Moment, Process};
pub use process::{GuardingError, guard};
pub use record::{Confirm, Expiry, Record, State};
pub use run::{GuardError, Guarded, Terms, run_with_guard};
pub use store::Store;

use crate::journal::Journal;

/// Where changes of this network namespace are kept, and which program guards them.
#[derive(Clone, Debug)]
pub struct Site {
    /// The records.
    pub store: Store,
    /// The journal, which is told how they end.
    pub journal: Journal,
    /// The folder, for the guard's command line.
    folder: PathBuf,
    /// The program that guards: this one.
    program: PathBuf,
}

impl Site {
    /// In this folder; `fallback` for when it can't be written.
    pub fn new(folder: &Path, fallback: &Path) -> Self {
        // The guard's working directory is another one.
        let folder = &std::path::absolute(folder).unwrap_or_else(|_| folder.into());
        Self {
            store: Store::new(folder, fallback),
            journal: Journal::new(folder, fallback),
            folder: folder.clone(),
            program: "/proc/self/exe".into(),
        }
    }

    /// With another program as guard, where this process is not deadstick-fw.
    #[must_use]
    pub fn guarded_by(mut self, program: &Path) -> Self {
        self.program = program.into();
        self
    }

    /// The change that waits for a confirmation, or is being made just now.
    pub fn pending(&self) -> Option<Record> {
        self.store.open().into_iter().find(Record::is_pending)
    }

    /// Changes that stay for a while only, oldest first.
    pub fn temporary(&self) -> Vec<Record> {
        self.store.open().into_iter().filter(Record::is_temporary).collect()
    }
}
