//! The state facts, for rebuilding.

use std::collections::HashMap;

use fact::{Erasure, FactId, ReplacedEvent, Timestamp};
use rusqlite::Connection;
use store::StateRow;

use super::window::ERASURES;
use crate::erasure::record;
use crate::row::{Failed, position};

/// How many rows are handed over at once.
const BATCH: usize = 1_000;

/// A fact is some hundred bytes: no subquery for what the fold does not ask for.
pub(crate) const STATE: &str = "
    SELECT position, recorded_at, id, content FROM facts INDEXED BY facts_state
    WHERE entity IS NOT NULL ORDER BY position";

pub(crate) const REPLACED: &str = "
    SELECT position, id, occurred_at, recorded_at FROM redacted WHERE entity IS NOT NULL ORDER BY position";

/// Some state facts in order, their contents one after the other: memory that one thread asks for
/// and another one gives back is dear.
#[derive(Default)]
pub(crate) struct Batch {
    rows: Vec<Row>,
    contents: Vec<u8>,
}

enum Row {
    Fact {
        position: u64,
        recorded_at: Timestamp,
        id: FactId,
        /// Where its content ends.
        end: usize,
    },
    Replaced(StateRow<'static>),
}

impl Batch {
    /// Tells each of them.
    pub(crate) fn tell(self, each: &mut (dyn for<'row> FnMut(StateRow<'row>) + Send)) {
        let mut begin = 0;
        for row in self.rows {
            match row {
                Row::Fact { position, recorded_at, id, end } => {
                    let content = &self.contents[begin..end];
                    begin = end;
                    each(StateRow::Fact { position, recorded_at, id, content });
                }
                Row::Replaced(row) => each(row),
            }
        }
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= BATCH
    }
}

/// Tells every state fact in order, in batches; stops when nobody takes them any more.
pub(crate) fn state_facts(db: &Connection, mut told: impl FnMut(Batch) -> bool) -> Result<(), Failed> {
    let mut replaced = replaced(db)?.into_iter().peekable();
    let mut statement = db.prepare_cached(STATE)?;
    let mut rows = statement.query([])?;
    let mut batch = Batch::default();
    while let Some(row) = rows.next()? {
        let at = position(row.get(0)?);
        while let Some((_, row)) = replaced.next_if(|(left, _)| *left < at) {
            batch.rows.push(Row::Replaced(row));
        }
        let damaged = |_| Failed::Damaged { position: at, what: "its content is not readable".into() };
        batch.contents.extend_from_slice(row.get_ref(3)?.as_blob().map_err(damaged)?);
        batch.rows.push(Row::Fact {
            position: at,
            recorded_at: Timestamp::from_micros(row.get(1)?),
            id: FactId::from_bytes(row.get(2)?),
            end: batch.contents.len(),
        });
        if batch.is_full() && !told(std::mem::take(&mut batch)) {
            return Ok(());
        }
    }
    batch.rows.extend(replaced.map(|(_, row)| Row::Replaced(row)));
    told(batch);
    Ok(())
}

/// What redactions left of state facts, in order of position.
fn replaced(db: &Connection) -> Result<Vec<(u64, StateRow<'static>)>, Failed> {
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
