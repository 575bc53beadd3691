//! The schema, and how every connection is set up.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// The name of the database file inside the data directory.
pub const DATABASE: &str = "deadstick.db";

/// The version of the schema, kept in the database's `user_version`.
pub(crate) const VERSION: i64 = 1;

/// "dead" and 77: says in the file's header whose it is.
pub(crate) const APPLICATION: i64 = 0x6465_6164;

/// Live facts farther off than this (microseconds) are in the index of late facts; the number is
/// part of that index, so it stands in `schema.sql` too.
pub(crate) const LATE: i64 = 60_000_000;

/// What makes the index of late facts apply: word for word as in `schema.sql`.
pub(crate) const IS_LATE: &str =
    "f.entity IS NULL AND f.live AND abs(f.recorded_at - f.occurred_at) > 60000000";

/// How long intervals last at most, in microseconds: a minute, ten, an hour, six, a day, a week, a
/// quarter of a year, for ever.
pub(crate) const REACHES: [i64; 8] = [
    60_000_000,
    600_000_000,
    3_600_000_000,
    21_600_000_000,
    86_400_000_000,
    604_800_000_000,
    7_776_000_000_000,
    4_000_000_000_000_000_000,
];

/// The shortest of [`REACHES`] that an interval does not outlast.
pub(crate) fn reach(begin: i64, until: Option<i64>) -> i64 {
    let [.., ever] = REACHES;
    let lasts = until.map_or(ever, |until| until.saturating_sub(begin));
    REACHES.into_iter().find(|reach| lasts <= *reach).unwrap_or(ever)
}

const TABLES: &str = include_str!("schema.sql");

/// Opens the one connection that writes.
pub(crate) fn writer(file: &Path, synchronous: &str) -> rusqlite::Result<Connection> {
    let db = Connection::open(file)?;
    if version(&db)? == 0 {
        // Must be set before the first table is made. Later it would only write and sync.
        db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    db.pragma_update(None, "synchronous", synchronous)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "cache_size", -16_384)?;
    // Pages are moved beside the writer, not within its commits.
    db.pragma_update(None, "wal_autocheckpoint", 0)?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

/// Opens a connection that moves pages from the write-ahead log into the database.
pub(crate) fn checkpointer(file: &Path, synchronous: &str) -> rusqlite::Result<Connection> {
    let db = Connection::open(file)?;
    db.pragma_update(None, "synchronous", synchronous)?;
    db.pragma_update(None, "cache_size", -256)?;
    Ok(db)
}

/// Opens a connection that only reads.
pub(crate) fn reader(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "cache_size", -4_096)?;
    db.busy_timeout(std::time::Duration::from_secs(10))?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

/// The version of the schema that a database has; 0 for a new one.
pub(crate) fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Makes the tables, all or none.
pub(crate) fn create(db: &mut Connection, identity_key: &[u8; 32]) -> rusqlite::Result<()> {
    let transaction = db.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.execute(
        "INSERT INTO log (one, format, identity_key, size, root) VALUES (1, ?, ?, 0, ?)",
        (i64::from(fact::FORMAT), identity_key, fact::root_of([]).0),
    )?;
    for kind in fact::Kind::KNOWN {
        transaction.execute("INSERT INTO kinds (name) VALUES (?)", [kind.as_str()])?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}
