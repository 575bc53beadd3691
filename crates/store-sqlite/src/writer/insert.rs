//! Rows of facts, many to a statement.

use std::collections::HashMap;

use fact::{Digest, Kind, SourceId, Timestamp};
use rusqlite::{Connection, Statement, params};

use super::Prepared;
use crate::row::sql;

/// How many rows the statements take: large ones first.
pub(super) const ROWS: [usize; 3] = [128, 16, 1];
const COLUMNS: usize = 17;

/// The small numbers of sources and kinds.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    sources: HashMap<SourceId, i64>,
    kinds: HashMap<Kind, i64>,
}

impl Numbers {
    /// As they are in the database.
    pub(crate) fn load(db: &Connection) -> rusqlite::Result<Self> {
        let mut numbers = Numbers::default();
        let mut sources = db.prepare_cached("SELECT id, number FROM sources")?;
        let mut rows = sources.query([])?;
        while let Some(row) = rows.next()? {
            numbers.sources.insert(SourceId::from_bytes(row.get(0)?), row.get(1)?);
        }
        let mut kinds = db.prepare_cached("SELECT name, number FROM kinds")?;
        let mut rows = kinds.query([])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            if let Ok(kind) = name.parse() {
                numbers.kinds.insert(kind, row.get(1)?);
            }
        }
        Ok(numbers)
    }

    /// The number of a source, given out now if it is new.
    pub(crate) fn source(&mut self, db: &Connection, source: SourceId) -> rusqlite::Result<i64> {
        if let Some(number) = self.sources.get(&source) {
            return Ok(*number);
        }
        db.execute("INSERT INTO sources (id) VALUES (?)", [source.as_bytes()])?;
        let number = db.last_insert_rowid();
        self.sources.insert(source, number);
        Ok(number)
    }

    /// The number of a kind, given out now if it is new.
    pub(crate) fn kind(&mut self, db: &Connection, kind: &Kind) -> rusqlite::Result<i64> {
        if let Some(number) = self.kinds.get(kind) {
            return Ok(*number);
        }
        db.execute("INSERT INTO kinds (name) VALUES (?)", [kind.as_str()])?;
        let number = db.last_insert_rowid();
        self.kinds.insert(kind.clone(), number);
        Ok(number)
    }

    /// The number of a source that has one.
    pub(crate) fn known_source(&self, source: SourceId) -> Option<i64> {
        self.sources.get(&source).copied()
    }

    /// The number of a kind that has one.
    pub(crate) fn known_kind(&self, kind: &Kind) -> Option<i64> {
        self.kinds.get(kind).copied()
    }

    /// The source that has a number.
    pub(crate) fn source_named(&self, number: i64) -> Option<SourceId> {
        self.sources.iter().find(|(_, other)| **other == number).map(|(source, _)| *source)
    }

    /// The kind that has a number.
    pub(crate) fn kind_named(&self, number: i64) -> Option<Kind> {
        self.kinds.iter().find(|(_, other)| **other == number).map(|(kind, _)| kind.clone())
    }

    /// All sources with their numbers.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (SourceId, i64)> {
        self.sources.iter().map(|(source, number)| (*source, *number))
    }
}

/// A fact with its place.
pub(crate) struct Placed<'a> {
    pub(crate) position: u64,
    pub(crate) recorded_at: Timestamp,
    pub(crate) source: i64,
    pub(crate) kind: i64,
    pub(crate) leaf: Digest,
    pub(crate) prepared: &'a Prepared,
}

/// The statement that inserts `rows` facts at once.
pub(crate) fn insert_sql(rows: usize) -> String {
    let row = format!("(?{})", ",?".repeat(COLUMNS - 1));
    format!(
        "INSERT INTO facts (position, id, source, kind, recorded_at, occurred_at, identity, revision, \
         thread, span_begin, span_end, entity, version, live, salt, leaf, content) VALUES {row}{}",
        format!(",{row}").repeat(rows - 1)
    )
}

/// Inserts facts.
pub(crate) fn insert(db: &Connection, mut facts: &[Placed<'_>]) -> rusqlite::Result<()> {
    for rows in ROWS {
        if facts.len() < rows {
            continue;
        }
        let mut statement = db.prepare_cached(&insert_sql(rows))?;
        while let Some((now, later)) = facts.split_at_checked(rows) {
            for (i, fact) in now.iter().enumerate() {
                bind(&mut statement, i * COLUMNS, fact)?;
            }
            statement.raw_execute()?;
            facts = later;
        }
    }
    Ok(())
}

fn bind(statement: &mut Statement<'_>, offset: usize, placed: &Placed<'_>) -> rusqlite::Result<()> {
    let Prepared { fact, identity, thread, content, salt, .. } = placed.prepared;
    let told = &fact.content;
    let version = told.version.map(sql);
    let span = told.span.filter(|_| thread.is_some());
    let values = params![
        sql(placed.position),
        &fact.id.as_bytes()[..],
        placed.source,
        placed.kind,
        placed.recorded_at.micros(),
        told.occurred_at.micros(),
        &identity.0[..],
        told.revision,
        thread.as_ref().map(|thread| &thread.0[..]),
        span.map(|span| span.begin.micros()),
        span.and_then(|span| span.end).map(Timestamp::micros),
        told.entity.as_ref().map(|entity| &entity.as_bytes()[..]),
        version,
        told.live,
        &salt[..],
        &placed.leaf.0[..],
        &content[..],
    ];
    for (i, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(offset + i + 1, value)?;
    }
    Ok(())
}
