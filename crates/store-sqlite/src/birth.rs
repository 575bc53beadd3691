//! A database that was not there.
//!
//! It is made under another name and gets its own when it is whole and synced: whatever ends the
//! process or the machine meanwhile, there is a database or there is none. So nothing on the way has
//! to be synced by itself, which is most of what the first start of a server takes.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use rusqlite::Connection;

use crate::schema;

/// Why there is none.
pub(crate) enum Stillborn {
    /// Files can't be written.
    Io(io::Error),
    /// The database can't.
    Database(rusqlite::Error),
    /// The system gives no random bytes.
    Random,
}

impl From<io::Error> for Stillborn {
    fn from(error: io::Error) -> Self {
        Stillborn::Io(error)
    }
}

impl From<rusqlite::Error> for Stillborn {
    fn from(error: rusqlite::Error) -> Self {
        Stillborn::Database(error)
    }
}

/// Makes the database of a data directory, if there is none; its lock is held.
pub(crate) fn ensure(dir: &Path, durable: bool) -> Result<(), Stillborn> {
    if dir.join(schema::DATABASE).try_exists()? {
        return Ok(());
    }
    let name = format!("{}.new", schema::DATABASE);
    for rest in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(dir.join(format!("{name}{rest}"))) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let file = dir.join(name);
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| Stillborn::Random)?;
    let mut db = Connection::open(&file)?;
    db.pragma_update(None, "synchronous", "OFF")?;
    db.pragma_update(None, "journal_mode", "MEMORY")?;
    db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    schema::create(&mut db, &key)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.close().map_err(|(_, error)| error)?;
    if durable {
        File::open(&file)?.sync_all()?;
    }
    fs::rename(&file, dir.join(schema::DATABASE))?;
    if durable {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}
