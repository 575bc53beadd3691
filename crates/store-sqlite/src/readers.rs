//! A small pool of read-only connections.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use store::StoreError;
use tokio::sync::Semaphore;

use crate::row::Failed;
use crate::schema;

/// Hands connections out, one to a read at a time.
#[derive(Debug)]
pub(crate) struct Readers {
    dir: PathBuf,
    idle: Mutex<Vec<Connection>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(dir: PathBuf, count: usize) -> Arc<Self> {
        Arc::new(Readers { dir, idle: Mutex::default(), turns: Arc::new(Semaphore::new(count.max(1))) })
    }

    /// Runs a read on a thread that may block, within one snapshot of the log.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        doing: &'static str,
        read: impl FnOnce(&Connection) -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let readers = Arc::clone(self);
        let work = move || {
            let _turn = turn;
            let idle = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut db = match idle {
                Some(db) => db,
                None => schema::reader(&readers.dir.join(schema::DATABASE))?,
            };
            let snapshot = db.transaction()?;
            let answer = read(&snapshot);
            snapshot.finish()?;
            readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
            answer
        };
        let answer = tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)?;
        answer.map_err(|failed| failed.into_store(doing, &self.dir))
    }

    /// Closes the connections that wait; those at work close when they are given back.
    pub(crate) fn close(&self) {
        self.turns.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
