//! The end of the log: all that is needed to append to it.

use fact::{Digest, Peaks, TILE, Timestamp};
use rusqlite::Connection;

use crate::row::position;

/// The tree so far, and when the last fact was recorded.
#[derive(Debug, Clone)]
pub(crate) struct Tip {
    pub(crate) peaks: Peaks,
    pub(crate) recorded_at: Timestamp,
}

impl Tip {
    /// From the tiles' roots and the leaves after the last whole tile; stops at the first hole.
    pub(crate) fn load(db: &Connection) -> rusqlite::Result<Self> {
        let mut peaks = Peaks::default();
        let mut tiles = db.prepare("SELECT tile, root FROM tiles ORDER BY tile")?;
        let mut rows = tiles.query([])?;
        while let Some(row) = rows.next()? {
            if position(row.get(0)?) != peaks.size() / TILE {
                break;
            }
            peaks.push_tile(Digest(row.get(1)?));
        }
        let mut leaves = db.prepare(
            "SELECT position, leaf FROM facts WHERE position > ?1
             UNION ALL SELECT position, leaf FROM stubs WHERE position > ?1 ORDER BY 1",
        )?;
        let mut rows = leaves.query([crate::row::sql(peaks.size())])?;
        while let Some(row) = rows.next()? {
            if position(row.get(0)?) != peaks.size() + 1 {
                break;
            }
            peaks.push(Digest(row.get(1)?));
        }
        // Erased facts don't tell when they were recorded: the ends of the log are erasures.
        let recorded_at =
            db.query_row("SELECT recorded_at FROM facts ORDER BY position DESC LIMIT 1", [], |row| {
                row.get(0)
            });
        let recorded_at = match recorded_at {
            Err(rusqlite::Error::QueryReturnedNoRows) => 0,
            other => other?,
        };
        Ok(Tip { peaks, recorded_at: Timestamp::from_micros(recorded_at) })
    }
}
