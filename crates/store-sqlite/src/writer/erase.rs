//! What redaction and expiry share: the record, stubs in place of facts, tiles that shrink.

use std::collections::BTreeSet;

use fact::{
    Content, Digest, EntityId, Erasure, FactId, Kind, NewFact, SourceId, StoredFact, TILE, Tile, Timestamp,
};
use rusqlite::{Connection, params};
use store::EraseError;

use super::derived::{SpanKey, retell_span};
use super::prepare::prepared;
use super::{Prepared, Writer};
use crate::row::{position, sql};

const LAST_VERSION: &str =
    "SELECT coalesce(max(version), 0) FROM facts INDEXED BY facts_version WHERE entity = ?";
const SPAN_OF: &str =
    "SELECT source, thread, span_begin FROM facts WHERE position = ? AND span_begin IS NOT NULL";
const LEAVE_STUB: &str = "INSERT INTO stubs (position, source, erasure, leaf)
    SELECT position, source, ?2, leaf FROM facts WHERE position = ?1";
const LEAVE_REDACTED: &str = "INSERT INTO redacted
    (position, id, identity, revision, occurred_at, recorded_at, entity)
    SELECT position, id, identity, revision, occurred_at, recorded_at, entity FROM facts WHERE position = ?";
const FORGET_FACT: &str = "DELETE FROM facts WHERE position = ?";
const FORGET_QUOTES: &str = "DELETE FROM quotes WHERE position = ?";
const EXPIRED_IN: &str = "SELECT count(*) FROM stubs s WHERE s.position BETWEEN ?1 AND ?2
    AND NOT EXISTS (SELECT 1 FROM redacted r WHERE r.position = s.position)";
const ROOT_OF: &str = "SELECT root FROM tiles WHERE tile = ?";
const SHRINK_TILE: &str = "INSERT INTO expired (tile, erasure, count)
    SELECT ?3, erasure, count(*) FROM stubs WHERE position BETWEEN ?1 AND ?2 GROUP BY erasure";
const FORGET_STUBS: &str = "DELETE FROM stubs WHERE position BETWEEN ? AND ?";

/// Every statement of this module, for the test that prepares them all.
#[cfg(test)]
pub(crate) const STATEMENTS: [&str; 10] = [
    LAST_VERSION,
    SPAN_OF,
    LEAVE_STUB,
    LEAVE_REDACTED,
    FORGET_FACT,
    FORGET_QUOTES,
    EXPIRED_IN,
    ROOT_OF,
    SHRINK_TILE,
    FORGET_STUBS,
];

/// What an erasure says of itself.
pub(crate) struct Record {
    pub(crate) id: FactId,
    pub(crate) at: Timestamp,
    pub(crate) actor: Option<String>,
    pub(crate) why: String,
    pub(crate) erasure: Erasure,
}

impl Writer {
    /// One transaction: the record goes in, the facts at these positions go.
    pub(crate) fn erase(&mut self, record: Record, positions: &BTreeSet<u64>) -> Result<u64, EraseError> {
        let doing = "erasing";
        let redacts = matches!(record.erasure, Erasure::Redaction(_));
        let version = self
            .db
            .prepare_cached(LAST_VERSION)
            .and_then(|mut statement| {
                statement.query_row([&EntityId::LOG.as_bytes()[..]], |row| row.get::<_, i64>(0))
            })
            .map_err(|error| self.failure(doing, error))?;
        let record = self.prepared_record(record, position(version) + 1)?;
        let erased = self.db.execute_batch("BEGIN IMMEDIATE").and_then(|()| {
            let mut tip = self.tip.clone();
            tip.recorded_at = self.now();
            let placed = self.place(&record, &mut tip)?;
            let at = placed.position;
            self.keep(&[placed], &tip)?;
            remove(&self.db, positions, at, redacts)?;
            self.db.execute_batch("COMMIT")?;
            Ok((at, tip))
        });
        match erased {
            Ok((position, tip)) => {
                self.redacted |= redacts;
                let recorded_at = tip.recorded_at;
                self.committed(tip, vec![StoredFact { position, recorded_at, fact: record.fact }]);
                Ok(position)
            }
            Err(error) => {
                self.roll_back();
                Err(self.failure(doing, error).into())
            }
        }
    }

    fn prepared_record(&self, record: Record, version: u64) -> Result<Prepared, EraseError> {
        let Record { id, at, actor, why, erasure } = record;
        let mut content = Content::new(format!("erasure/{id}"), at, why);
        content.actor = actor;
        content.live = true;
        content.entity = Some(EntityId::LOG);
        content.version = Some(version);
        content.data = crate::erasure::data(&erasure);
        let fact = NewFact { id, source: SourceId::OWN, kind: Kind::ERASURE, content };
        // The record is as long as what it accounts for: limits are for what comes from outside.
        Ok(prepared(&self.key, fact, super::random()?, |_| Ok(())))
    }
}

/// Puts stubs in the place of facts, and takes out what was derived from them.
fn remove(db: &Connection, positions: &BTreeSet<u64>, erasure: u64, redacts: bool) -> rusqlite::Result<()> {
    let mut spans = BTreeSet::new();
    for at in positions.iter().map(|position| sql(*position)) {
        let mut span = db.prepare_cached(SPAN_OF)?;
        let mut rows = span.query([at])?;
        if let Some(row) = rows.next()? {
            spans.insert(SpanKey { source: row.get(0)?, thread: row.get(1)?, begin: row.get(2)? });
        }
        db.prepare_cached(LEAVE_STUB)?.execute(params![at, sql(erasure)])?;
        if redacts {
            db.prepare_cached(LEAVE_REDACTED)?.execute([at])?;
        }
        db.prepare_cached(FORGET_FACT)?.execute([at])?;
        db.prepare_cached(FORGET_QUOTES)?.execute([at])?;
    }
    spans.iter().try_for_each(|span| retell_span(db, span))?;
    let tiles: BTreeSet<Tile> = positions.iter().map(|position| Tile::of(*position)).collect();
    tiles.into_iter().try_for_each(|tile| shrink_tile(db, tile))
}

/// The tiles of which nothing is left when these positions have expired, with their roots.
pub(crate) fn emptied(db: &Connection, positions: &BTreeSet<u64>) -> rusqlite::Result<Vec<(u64, String)>> {
    let mut emptied = Vec::new();
    let tiles: BTreeSet<Tile> = positions.iter().map(|position| Tile::of(*position)).collect();
    for tile in tiles {
        let going = positions.range(tile.first()..=tile.last()).count() as u64;
        let range = [sql(tile.first()), sql(tile.last())];
        let gone: i64 = db.prepare_cached(EXPIRED_IN)?.query_row(range, |row| row.get(0))?;
        if position(gone) + going == TILE {
            let root = db.prepare_cached(ROOT_OF)?.query_row([sql(tile.0)], |row| row.get(0))?;
            emptied.push((tile.0, Digest(root).hex()));
        }
    }
    Ok(emptied)
}

/// A whole tile of expired stubs becomes its root and a count for each erasure.
fn shrink_tile(db: &Connection, tile: Tile) -> rusqlite::Result<()> {
    let (first, last) = (sql(tile.first()), sql(tile.last()));
    let expired: i64 = db.prepare_cached(EXPIRED_IN)?.query_row([first, last], |row| row.get(0))?;
    if position(expired) == TILE {
        db.prepare_cached(SHRINK_TILE)?.execute([first, last, sql(tile.0)])?;
        db.prepare_cached(FORGET_STUBS)?.execute([first, last])?;
    }
    Ok(())
}
