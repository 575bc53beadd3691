//! The state facts, for rebuilding.

use std::collections::HashMap;

use fact::{Erasure, FactId, ReplacedEvent, Timestamp};
use rusqlite::Connection;
use store::StateRow;

use super::window::ERASURES;
use crate::erasure::record;
use crate::row::{FACT, Failed, fact, position};

/// How many rows are handed over at once.
pub(crate) const BATCH: usize = 1_000;

pub(crate) fn state_sql() -> String {
    format!(
        "SELECT {FACT} FROM facts f INDEXED BY facts_state WHERE f.entity IS NOT NULL ORDER BY f.position"
    )
}

pub(crate) const REPLACED: &str = "
    SELECT position, id, occurred_at, recorded_at FROM redacted WHERE entity IS NOT NULL ORDER BY position";

/// Tells every state fact in order, in batches; stops when nobody takes them any more.
pub(crate) fn state_facts(
    db: &Connection,
    mut batch: impl FnMut(Vec<StateRow>) -> bool,
) -> Result<(), Failed> {
    let mut replaced = replaced(db)?.into_iter().peekable();
    let mut statement = db.prepare_cached(&state_sql())?;
    let mut rows = statement.query([])?;
    let mut waiting = Vec::with_capacity(BATCH);
    loop {
        let next = rows.next()?.map(fact).transpose()?;
        let until = next.as_ref().map_or(u64::MAX, |next| next.position);
        while let Some((_, row)) = replaced.next_if(|(at, _)| *at < until) {
            waiting.push(row);
        }
        let Some(next) = next else { break };
        waiting.push(StateRow::Fact(next));
        if waiting.len() >= BATCH && !batch(std::mem::replace(&mut waiting, Vec::with_capacity(BATCH))) {
            return Ok(());
        }
    }
    batch(waiting);
    Ok(())
}

/// What redactions left of state facts, in order of position.
fn replaced(db: &Connection) -> Result<Vec<(u64, StateRow)>, Failed> {
    let mut statement = db.prepare_cached(REPLACED)?;
    let mut rows = statement.query([])?;
    let mut left = Vec::new();
    while let Some(row) = rows.next()? {
        let at = position(row.get(0)?);
        let times: (i64, i64) = (row.get(2)?, row.get(3)?);
        left.push((at, FactId::from_bytes(row.get(1)?), times));
    }
    if left.is_empty() {
        return Ok(vec![]);
    }
    let mut events = events(db)?;
    let rows = left.into_iter().filter_map(|(at, id, (occurred, recorded))| {
        let event = events.remove(&at)?;
        let (occurred_at, recorded_at) = (Timestamp::from_micros(occurred), Timestamp::from_micros(recorded));
        Some((at, StateRow::Replaced { event, id, occurred_at, recorded_at }))
    });
    Ok(rows.collect())
}

fn events(db: &Connection) -> Result<HashMap<u64, ReplacedEvent>, Failed> {
    let mut events = HashMap::new();
    let mut statement = db.prepare_cached(ERASURES)?;
    let mut rows = statement.query([&fact::EntityId::LOG.as_bytes()[..]])?;
    while let Some(row) = rows.next()? {
        let content = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        if let Some(Erasure::Redaction(redaction)) = record(content) {
            events.extend(redaction.replaced.into_iter().map(|event| (event.position, event)));
        }
    }
    Ok(events)
}
