//! The one thread that writes.

mod append;
mod checkpoint;
mod derived;
mod erase;
mod expire;
mod insert;
mod plan;
mod prepare;
mod redact;
mod tip;
mod wipe;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use fact::{IdentityKey, StoredFact, Timestamp};
use rusqlite::Connection;
use store::{Commit, Head, Receipt, StoreError};
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::failure::failure;
pub(crate) use checkpoint::Checkpointer;
pub(crate) use insert::Numbers;
pub(crate) use prepare::{Prepared, prepare};
pub(crate) use tip::Tip;

/// An append that waits for its commit.
pub(crate) struct Append {
    pub(crate) facts: Vec<Prepared>,
    pub(crate) reply: oneshot::Sender<Result<Vec<Receipt>, StoreError>>,
}

/// What the writer is asked to do.
pub(crate) enum Job {
    /// Append facts.
    Append(Append),
    /// Anything else, by itself: it may open transactions of its own.
    Alone(Box<dyn FnOnce(&mut Writer) + Send>),
}

/// At most so many facts in one transaction, unless a single append has more.
const GROUP: usize = 4_096;

/// A commit writes about as much besides its facts as so many facts.
const COMMIT: usize = 16;
/// What is done alone may be a step of an expiry.
const ALONE: usize = 256;

/// Owns the writing connection and everything that must change together with it.
pub(crate) struct Writer {
    pub(crate) db: Connection,
    pub(crate) dir: PathBuf,
    clock: Box<dyn Fn() -> Timestamp + Send>,
    pub(crate) key: IdentityKey,
    pub(crate) tip: Tip,
    pub(crate) numbers: Numbers,
    /// Whether any fact was ever redacted, so that new ones must be compared with what is left.
    pub(crate) redacted: bool,
    /// Whether erased bytes are still in the write-ahead log, because somebody reads it.
    pub(crate) unwiped: bool,
    checkpointer: Checkpointer,
    commits: broadcast::Sender<Commit>,
    head: Arc<Mutex<Head>>,
}

/// What a writer is made of.
pub(crate) struct Parts {
    pub(crate) db: Connection,
    pub(crate) dir: PathBuf,
    pub(crate) clock: Box<dyn Fn() -> Timestamp + Send>,
    pub(crate) key: IdentityKey,
    pub(crate) tip: Tip,
    pub(crate) checkpointer: Checkpointer,
    pub(crate) commits: broadcast::Sender<Commit>,
    pub(crate) head: Arc<Mutex<Head>>,
}

impl Writer {
    pub(crate) fn new(parts: Parts) -> rusqlite::Result<Self> {
        let Parts { db, dir, clock, key, tip, checkpointer, commits, head } = parts;
        let numbers = Numbers::load(&db)?;
        let redacted = db.query_row("SELECT EXISTS (SELECT 1 FROM redacted)", [], |row| row.get(0))?;
        // The last process may have been killed between an erasure and the end of its traces.
        let unwiped = db.query_row("SELECT EXISTS (SELECT 1 FROM stubs)", [], |row| row.get(0))?;
        Ok(Writer { db, dir, clock, key, tip, numbers, redacted, unwiped, checkpointer, commits, head })
    }

    /// Works until the store is dropped and everything queued is done.
    pub(crate) fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        if self.unwiped {
            self.wipe_later();
        }
        while let Some(first) = queue.blocking_recv() {
            let mut group = Vec::new();
            let mut facts = 0;
            let mut next = Some(first);
            let mut alone = None;
            while let Some(job) = next.take() {
                match job {
                    Job::Append(append) => {
                        facts += append.facts.len();
                        group.push(append);
                    }
                    Job::Alone(work) => {
                        alone = Some(work);
                        break;
                    }
                }
                if facts < GROUP {
                    next = queue.try_recv().ok();
                }
            }
            if !group.is_empty() {
                self.append(group);
            }
            let mut written = facts + COMMIT;
            if let Some(work) = alone {
                work(&mut self);
                written += ALONE;
            }
            if self.checkpointer.note(written) || self.unwiped {
                self.wipe_later();
            }
        }
    }

    /// Now, but never before what was recorded last.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)().max(self.tip.recorded_at)
    }

    /// After a commit: the new tip counts, and subscribers are told.
    pub(crate) fn committed(&mut self, tip: Tip, facts: Vec<StoredFact>) {
        let head = Head { size: tip.peaks.size(), root: tip.peaks.root() };
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = head;
        self.tip = tip;
        if !facts.is_empty() {
            // Fails only if nobody listens.
            let _ = self.commits.send(facts.into());
        }
    }

    pub(crate) fn failure(&self, doing: &'static str, error: rusqlite::Error) -> StoreError {
        failure(doing, &self.dir, error)
    }
}

/// A fresh salt, or the random part of an id.
fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Database {
        doing: "asking the system for random bytes",
        source: error.to_string().into(),
    })?;
    Ok(bytes)
}

/// Every statement of writing, for the test that prepares them all.
#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    use plan::{BY_ID, BY_IDENTITY, BY_VERSION, REDACTED};
    let fixed = [append::MOVE_HEAD, append::ADD_TILE, BY_ID, BY_IDENTITY, BY_VERSION, REDACTED]
        .into_iter()
        .chain(derived::STATEMENTS)
        .chain(erase::STATEMENTS)
        .chain(expire::STATEMENTS)
        .chain([wipe::FREE_PAGES, wipe::TRUNCATE, checkpoint::PASSIVE]);
    let made = insert::ROWS.map(insert::insert_sql);
    fixed.map(str::to_owned).chain(redact::statements()).chain(made).collect()
}
