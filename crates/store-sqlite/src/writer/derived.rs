//! What is derived from a fact besides its row: its thread's interval, whom it quotes.

use rusqlite::{Connection, params};

use super::insert::Placed;
use crate::row::sql;
use crate::schema::reach;

/// An interval is told more than once: first that it began, then that it ended. Who told its
/// beginning first and its end last counts.
const TELL_SPAN: &str = "
    INSERT INTO spans (source, thread, begin, ended, reach, begun_by, ended_by)
    VALUES (?1, ?2, ?3, ?4, 0, ?5, iif(?4 IS NULL, NULL, ?5))
    ON CONFLICT DO UPDATE SET ended = coalesce(excluded.ended, ended),
        ended_by = coalesce(excluded.ended_by, ended_by)";
/// The interval and the one before it in its thread, each with when it ends: by itself, or where the
/// next one begins.
const NEIGHBOURS: &str = "
    SELECT s.begin, coalesce(s.ended, (SELECT min(n.begin) FROM spans n
        WHERE n.source = s.source AND n.thread = s.thread AND n.begin > s.begin))
    FROM spans s WHERE s.source = ?1 AND s.thread = ?2 AND (s.begin = ?3 OR s.begin =
        (SELECT max(p.begin) FROM spans p WHERE p.source = ?1 AND p.thread = ?2 AND p.begin < ?3))";
const SETTLE: &str =
    "UPDATE spans SET until = ?4, reach = ?5 WHERE source = ?1 AND thread = ?2 AND begin = ?3";
const FORGET_SPAN: &str = "DELETE FROM spans WHERE source = ? AND thread = ? AND begin = ?";
const SPAN_FACTS: &str = "SELECT position, span_end FROM facts INDEXED BY facts_span
    WHERE thread = ? AND span_begin = ? ORDER BY position";
const ADD_QUOTE: &str = "INSERT OR IGNORE INTO quotes (quoted, position) VALUES (?, ?)";

/// Keeps what is derived from a fact.
pub(crate) fn derive(db: &Connection, placed: &Placed<'_>) -> rusqlite::Result<()> {
    let content = &placed.prepared.fact.content;
    if let (Some(span), Some(thread)) = (content.span, placed.prepared.thread) {
        let end = span.end.map(fact::Timestamp::micros);
        let key = SpanKey { source: placed.source, thread: thread.0, begin: span.begin.micros() };
        tell_span(db, &key, end, placed.position)?;
        settle(db, &key)?;
    }
    for quoted in &content.about {
        db.prepare_cached(ADD_QUOTE)?.execute(params![&quoted.as_bytes()[..], sql(placed.position)])?;
    }
    Ok(())
}

/// Names an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SpanKey {
    pub(crate) source: i64,
    pub(crate) thread: [u8; 16],
    pub(crate) begin: i64,
}

/// Adds what one fact says of an interval.
fn tell_span(db: &Connection, key: &SpanKey, end: Option<i64>, position: u64) -> rusqlite::Result<()> {
    let values = params![key.source, &key.thread[..], key.begin, end, sql(position)];
    db.prepare_cached(TELL_SPAN)?.execute(values)?;
    Ok(())
}

/// Tells an interval anew from the facts that are left.
pub(crate) fn retell_span(db: &Connection, key: &SpanKey) -> rusqlite::Result<()> {
    db.prepare_cached(FORGET_SPAN)?.execute(params![key.source, &key.thread[..], key.begin])?;
    let mut left = db.prepare_cached(SPAN_FACTS)?;
    let mut rows = left.query(params![&key.thread[..], key.begin])?;
    while let Some(row) = rows.next()? {
        tell_span(db, key, row.get(1)?, crate::row::position(row.get(0)?))?;
    }
    settle(db, key)
}

/// Works out anew when an interval and the one before it end.
fn settle(db: &Connection, key: &SpanKey) -> rusqlite::Result<()> {
    let mut neighbours = db.prepare_cached(NEIGHBOURS)?;
    let found = neighbours
        .query_map(params![key.source, &key.thread[..], key.begin], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(i64, Option<i64>)>>>()?;
    for (begin, until) in found {
        let values = params![key.source, &key.thread[..], begin, until, reach(begin, until)];
        db.prepare_cached(SETTLE)?.execute(values)?;
    }
    Ok(())
}

/// Every statement of this module, for the test that prepares them all.
#[cfg(test)]
pub(crate) const STATEMENTS: [&str; 6] = [TELL_SPAN, NEIGHBOURS, SETTLE, FORGET_SPAN, SPAN_FACTS, ADD_QUOTE];
