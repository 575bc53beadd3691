//! Leaving no trace of what was erased in any file.
//!
//! `secure_delete` zeroes pages and cells in the database; the write-ahead log still holds the old
//! ones until it is truncated, for which every reader must have let go of it once.

use std::time::Duration;

use rusqlite::Connection;
use store::EraseError;

use super::Writer;

/// How long one attempt waits for readers.
const PATIENCE: Duration = Duration::from_millis(200);
/// How many attempts are made before appends go on.
const ATTEMPTS: u32 = 10;
/// How many free pages are given back in one step.
const PAGES: u32 = 2_000;

pub(crate) const FREE_PAGES: &str = "PRAGMA freelist_count";
pub(crate) const TRUNCATE: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

impl Writer {
    /// Gives some free pages back to the file system; tells whether there are more.
    pub(crate) fn shrink(&mut self) -> Result<bool, EraseError> {
        let shrunk = give_back(&self.db);
        shrunk.map_err(|error| self.failure("giving free pages back", error).into())
    }

    /// Truncates the write-ahead log. Where readers are in the way for long, it is tried again
    /// after every later commit.
    pub(crate) fn wipe(&mut self) -> Result<(), EraseError> {
        self.unwiped = true;
        for _ in 0..ATTEMPTS {
            let wiped = truncate(&self.db).map_err(|error| self.failure("wiping erased bytes", error))?;
            if wiped {
                self.unwiped = false;
                return Ok(());
            }
        }
        tracing::warn!(
            "erased bytes are still in the write-ahead log: a reader holds it; they go when it lets go"
        );
        Ok(())
    }

    /// One more attempt, also where the write-ahead log has only become long.
    pub(crate) fn wipe_later(&mut self) {
        match truncate(&self.db) {
            Ok(wiped) => self.unwiped &= !wiped,
            Err(error) => tracing::warn!(%error, "the write-ahead log can't be truncated"),
        }
    }
}

fn give_back(db: &Connection) -> rusqlite::Result<bool> {
    let mut statement = db.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    let free: u32 = db.query_row(FREE_PAGES, [], |row| row.get(0))?;
    Ok(free > 0)
}

/// Whether the log could be truncated.
fn truncate(db: &Connection) -> rusqlite::Result<bool> {
    db.busy_timeout(PATIENCE)?;
    let busy: i64 = db.query_row(TRUNCATE, [], |row| row.get(0))?;
    Ok(busy == 0)
}
