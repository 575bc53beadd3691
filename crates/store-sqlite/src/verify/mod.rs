//! Whether the log is what was written: every byte hashed, every column compared.
//!
//! Works on a snapshot, beside a running server or on what a killed one left behind. What is
//! compared with what is described in docs/formats/log.md.

mod erasures;
mod fold;
mod items;
mod row;
mod spot;

use std::path::{Path, PathBuf};

use fact::{IdentityKey, Timestamp};
use rusqlite::{Connection, OpenFlags, Transaction};
use store::{Head, Verdict};

use crate::schema::{self, DATABASE};
use erasures::Erasures;
use fold::Fold;
use items::{Item, Items};
use row::{Checked, Names};
pub use spot::{Spot, spot_check};

/// How many positions are checked at once ...
const ROUND: usize = 4_096;
/// ... unless they hold more bytes than this.
const ROUND_BYTES: usize = 16 * 1_048_576;
/// How many threads hash.
const THREADS: usize = 2;

/// A log can't be read, so that nothing can be said about it.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is none.
    #[error("there is no log in {}", dir.display())]
    NoLog {
        /// Where.
        dir: PathBuf,
    },
    /// The database was made by a newer version of this program.
    #[error("the log in {} has format {found}, newer than {known}, the newest this version knows: use a newer version",
        dir.display(), known = schema::VERSION)]
    TooNew {
        /// Where.
        dir: PathBuf,
        /// Its format.
        found: i64,
    },
    /// The files can't be read.
    #[error("the log in {} can't be read", dir.display())]
    Unreadable {
        /// Where.
        dir: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
}

/// Something that does not fit, and the position that it is named by.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Broken {
    position: u64,
    what: String,
}

impl Broken {
    fn new(position: u64, what: impl Into<String>) -> Self {
        Broken { position, what: what.into() }
    }
}

/// Why a check ends before the end.
enum Stop {
    Broken(Broken),
    Sql(rusqlite::Error),
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Stop::Broken(broken)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Stop::Sql(error)
    }
}

/// Checks the log in `dir`; `progress` is told how many positions of how many are done.
pub fn verify(dir: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Verdict, VerifyError> {
    let mut db = opened(dir)?;
    let snapshot = snapshot_of(&mut db, dir)?;
    let mut reached = 0;
    let mut told = |position, size| {
        reached = position;
        progress(position, size);
    };
    let found = whole(&snapshot, &mut told);
    verdict(found, dir, reached)
}

/// The database in `dir`.
fn opened(dir: &Path) -> Result<Connection, VerifyError> {
    let file = dir.join(DATABASE);
    if !file.exists() {
        return Err(VerifyError::NoLog { dir: dir.into() });
    }
    open(&file).map_err(|source| VerifyError::Unreadable { dir: dir.into(), source })
}

/// What is in it now, if this version can read it.
fn snapshot_of<'a>(db: &'a mut Connection, dir: &Path) -> Result<Transaction<'a>, VerifyError> {
    let unreadable = |source| VerifyError::Unreadable { dir: dir.into(), source };
    let snapshot = db.transaction().map_err(unreadable)?;
    match schema::version(&snapshot).map_err(unreadable)? {
        0 => Err(VerifyError::NoLog { dir: dir.into() }),
        schema::VERSION => Ok(snapshot),
        found => Err(VerifyError::TooNew { dir: dir.into(), found }),
    }
}

/// What a check found that came as far as `reached`.
fn verdict(found: Result<Head, Stop>, dir: &Path, reached: u64) -> Result<Verdict, VerifyError> {
    match found {
        Ok(head) => Ok(Verdict::Whole(head)),
        Err(Stop::Broken(Broken { position, what })) => Ok(Verdict::Broken { position, what }),
        Err(Stop::Sql(error)) if is_damage(&error) => {
            let what = format!("the database is damaged here or after here: {error}");
            Ok(Verdict::Broken { position: reached + 1, what })
        }
        Err(Stop::Sql(source)) => Err(VerifyError::Unreadable { dir: dir.into(), source }),
    }
}

/// Read-only; where not even the files beside the database can be made, as it lies there.
fn open(file: &Path) -> rusqlite::Result<Connection> {
    let opened = schema::reader(file).and_then(|db| schema::version(&db).map(|_| db));
    opened.or_else(|error| {
        let has_wal = file.with_file_name(format!("{DATABASE}-wal")).exists();
        let Some(path) = file.to_str().filter(|path| !has_wal && !path.contains(['?', '#', '%'])) else {
            return Err(error);
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(format!("file:{path}?immutable=1"), flags)
    })
}

/// Errors that speak of what is in the file, not of the way to it.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match error.sqlite_error_code() {
        Some(code) => matches!(code, DatabaseCorrupt | NotADatabase),
        // A column that is no longer of its type, a row that is gone.
        None => true,
    }
}

fn whole(db: &Connection, progress: &mut dyn FnMut(u64, u64)) -> Result<Head, Stop> {
    let (format, key, head) = log_row(db)?;
    if format != i64::from(fact::FORMAT) {
        return Err(Broken::new(0, format!("the log says that its facts have format {format}")).into());
    }
    let names = Names::load(db)?;
    let mut fold = Fold::new(db, head, Erasures::load(db)?)?;
    let mut items = Items::new(db)?;
    let mut round = items.round(ROUND, ROUND_BYTES)?;
    while !round.is_empty() {
        let (checked, next) = std::thread::scope(|scope| {
            let share = round.len().div_ceil(THREADS);
            let (names, key) = (&names, &key);
            let shares = round.chunks(share).map(|share| scope.spawn(move || check(share, names, key)));
            let shares: Vec<_> = shares.collect();
            let next = items.round(ROUND, ROUND_BYTES);
            let checked = shares.into_iter().map(|share| share.join().expect("checking does not panic"));
            (checked.flatten().collect::<Vec<_>>(), next)
        });
        for (item, checked) in round.iter().zip(checked) {
            fold.add(item, checked)?;
        }
        progress(fold.size(), head.size);
        round = next?;
    }
    fold.finish(db)?;
    let sound: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound != "ok" {
        return Err(Broken::new(0, format!("the database is damaged: {sound}")).into());
    }
    Ok(head)
}

fn check(items: &[Item], names: &Names, key: &IdentityKey) -> Vec<Result<Checked, Broken>> {
    items.iter().map(|item| row::check(item, names, key)).collect()
}

fn log_row(db: &Connection) -> Result<(i64, IdentityKey, Head), Stop> {
    let format = db.query_row("SELECT format FROM log WHERE one = 1", [], |row| row.get(0));
    let format = format.map_err(|error| match error {
        rusqlite::Error::QueryReturnedNoRows => Broken::new(0, "the log's head is missing").into(),
        other => Stop::Sql(other),
    })?;
    let (key, head) = crate::open::log_row(db)?;
    Ok((format, key, head))
}

/// A stored time.
fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// Every statement of this module, for the test that prepares them all.
#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    let items = [items::FACTS, items::STUBS, items::REDACTED, items::QUOTES, items::EXPIRED];
    items
        .into_iter()
        .chain([fold::TILES, fold::SPANS, erasures::RECORDS, spot::ROOTS])
        .map(str::to_owned)
        .collect()
}
