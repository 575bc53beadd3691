//! From rows to facts.

use fact::{FactId, Kind, NewFact, SourceId, StoredFact, Timestamp, decode_content};
use rusqlite::Row;
use store::StoreError;

use crate::failure::failure;

/// The columns that [`fact`] reads, of `facts f`.
pub(crate) const FACT: &str = "f.position, f.id, \
    (SELECT s.id FROM sources s WHERE s.number = f.source), \
    (SELECT k.name FROM kinds k WHERE k.number = f.kind), f.recorded_at, f.content";

/// A read failed.
#[derive(Debug)]
pub(crate) enum Failed {
    /// In the database.
    Sql(rusqlite::Error),
    /// A row is not what was written.
    Damaged { position: u64, what: String },
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Failed::Sql(error)
    }
}

impl Failed {
    pub(crate) fn into_store(self, doing: &'static str, dir: &std::path::Path) -> StoreError {
        match self {
            Failed::Sql(error) => failure(doing, dir, error),
            Failed::Damaged { position, what } => StoreError::Damaged { position, what },
        }
    }
}

/// A stored position; what is no position becomes 0, which no fact has.
pub(crate) fn position(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}

/// A position as SQL takes it.
pub(crate) fn sql(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// A fact from the columns of [`FACT`].
pub(crate) fn fact(row: &Row<'_>) -> Result<StoredFact, Failed> {
    let position = position(row.get(0)?);
    let damaged = |what: &str| Failed::Damaged { position, what: what.into() };
    let id: [u8; 16] = row.get(1).map_err(|_| damaged("its id is not readable"))?;
    let source: [u8; 16] = row.get(2).map_err(|_| damaged("its source is not readable"))?;
    let kind: String = row.get(3).map_err(|_| damaged("its kind is not readable"))?;
    let kind: Kind = kind.parse().map_err(|_| damaged("its kind is not readable"))?;
    let content = row.get_ref(5)?.as_blob().map_err(|_| damaged("its content is not readable"))?;
    let content = decode_content(content).map_err(|_| damaged("its content is not readable"))?;
    Ok(StoredFact {
        position,
        recorded_at: Timestamp::from_micros(row.get(4)?),
        fact: NewFact { id: FactId::from_bytes(id), source: SourceId::from_bytes(source), kind, content },
    })
}
