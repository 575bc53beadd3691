//! A copy of the log, taken while a server runs.

use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::Backup;
use store::Head;

use crate::open::log_row;
use crate::schema::{self, DATABASE};

/// A log can't be copied. What was begun of the copy is gone again.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is none.
    #[error("there is no log in {}", dir.display())]
    NoLog {
        /// Where.
        dir: PathBuf,
    },
    /// The copy's directory is there already, or can't be made.
    #[error("the directory {} can't be made", dir.display())]
    Directory {
        /// Which.
        dir: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Reading the one or writing the other fails.
    #[error("copying the log failed")]
    Copy(#[source] rusqlite::Error),
}

/// Copies the log in `dir` into the new directory `to`, as of one commit; tells its head.
pub fn backup(dir: &Path, to: &Path) -> Result<Head, BackupError> {
    let file = dir.join(DATABASE);
    if !file.exists() {
        return Err(BackupError::NoLog { dir: dir.into() });
    }
    let unmade = |source| BackupError::Directory { dir: to.into(), source };
    std::fs::DirBuilder::new().mode(0o700).create(to).map_err(unmade)?;
    let copied = copy(&file, &to.join(DATABASE)).and_then(|head| {
        let synced = std::fs::File::open(to).and_then(|dir| dir.sync_all());
        synced.map(|()| head).map_err(unmade)
    });
    if copied.is_err() {
        // The directory is ours: it was not there before.
        let _ = std::fs::remove_dir_all(to);
    }
    copied
}

fn copy(from: &Path, to: &Path) -> Result<Head, BackupError> {
    let source = schema::reader(from).map_err(BackupError::Copy)?;
    let mut copy = Connection::open(to).map_err(BackupError::Copy)?;
    // All pages in one step, which is one read transaction: a writer in between changes nothing.
    Backup::new(&source, &mut copy).and_then(|backup| backup.step(-1)).map_err(BackupError::Copy)?;
    log_row(&copy).map(|(_, head)| head).map_err(BackupError::Copy)
}
