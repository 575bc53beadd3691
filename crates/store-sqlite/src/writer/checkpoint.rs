//! Moving committed pages from the write-ahead log into the database, beside the writer.
//!
//! SQLite would do it within a commit, which would then take many times as long as the others.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

/// After so many facts, or as much other work, there is something to move.
const ENOUGH: usize = 1_024;
/// With so many pages in the log (64 MB) the writer waits until it is empty.
const TOO_LONG: i64 = 16_384;

pub(crate) const PASSIVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// The thread that moves pages, as the writer sees it.
pub(crate) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    written: usize,
    is_too_long: Arc<AtomicBool>,
}

impl Checkpointer {
    /// Starts the thread, with a connection of its own.
    pub(crate) fn start(db: Connection, dir: PathBuf) -> std::io::Result<Self> {
        let (wake, woken) = sync_channel(1);
        let is_too_long = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_too_long);
        let thread = std::thread::Builder::new()
            .name("log-checkpoint".into())
            .spawn(move || move_pages(&db, &dir, &woken, &told))?;
        Ok(Checkpointer { wake: Some(wake), thread: Some(thread), written: 0, is_too_long })
    }

    /// Notes about how many facts were written; tells whether the writer should empty the log
    /// itself before it goes on.
    pub(crate) fn note(&mut self, written: usize) -> bool {
        self.written += written;
        if self.written >= ENOUGH {
            self.written = 0;
            // Full: it is awake already.
            let _ = self.wake.as_ref().map(|wake| wake.try_send(()));
        }
        self.is_too_long.swap(false, Ordering::Relaxed)
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn move_pages(db: &Connection, dir: &std::path::Path, woken: &Receiver<()>, is_too_long: &AtomicBool) {
    while woken.recv().is_ok() {
        match db.query_row(PASSIVE, [], |row| row.get::<_, i64>(1)) {
            Ok(pages) if pages > TOO_LONG => is_too_long.store(true, Ordering::Relaxed),
            Ok(_) => {}
            // The writer meets the same trouble and tells it; nothing is lost by waiting.
            Err(error) => {
                tracing::warn!(%error, dir = %dir.display(), "pages can't be moved into the database")
            }
        }
    }
}
