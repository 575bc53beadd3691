//! What is derived from a fact besides its row: its thread's interval, whom it quotes.

use fact::Span;
use rusqlite::{Connection, params};

use super::insert::Placed;
use crate::row::sql;

/// An interval is told more than once: first that it began, then that it ended. Who told its
/// beginning first and its end last counts.
pub(crate) const TELL_SPAN: &str = "
    INSERT INTO spans (source, thread, begin, ended, begun_by, ended_by)
    VALUES (?1, ?2, ?3, ?4, ?5, iif(?4 IS NULL, NULL, ?5))
    ON CONFLICT DO UPDATE SET ended = coalesce(excluded.ended, ended),
        ended_by = coalesce(excluded.ended_by, ended_by)";
pub(crate) const ADD_QUOTE: &str = "INSERT OR IGNORE INTO quotes (quoted, position) VALUES (?, ?)";

/// Keeps what is derived from a fact.
pub(crate) fn derive(db: &Connection, placed: &Placed<'_>) -> rusqlite::Result<()> {
    let content = &placed.prepared.fact.content;
    if let (Some(span), Some(thread)) = (content.span, placed.prepared.thread) {
        tell_span(db, placed.source, &thread.0, span, placed.position)?;
    }
    for quoted in &content.about {
        db.prepare_cached(ADD_QUOTE)?.execute(params![&quoted.as_bytes()[..], sql(placed.position)])?;
    }
    Ok(())
}

/// Adds what one fact says of an interval.
pub(crate) fn tell_span(
    db: &Connection,
    source: i64,
    thread: &[u8],
    span: Span,
    position: u64,
) -> rusqlite::Result<()> {
    let end = span.end.map(fact::Timestamp::micros);
    db.prepare_cached(TELL_SPAN)?.execute(params![
        source,
        thread,
        span.begin.micros(),
        end,
        sql(position)
    ])?;
    Ok(())
}
