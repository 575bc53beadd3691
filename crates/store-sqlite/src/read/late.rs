//! Live facts that came late, remembered by window.
//!
//! They are in a window also by when they were recorded. Looking for those among all late facts
//! costs as much as there are late facts: thousands, where a source caught up after the outage.
//! Neither time of a fact ever changes, so what was found up to a position stays found. What was
//! erased since, and what a viewer may not see, is left out when the facts themselves are read.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, params};

use crate::row::Failed;
use crate::schema::IS_LATE;

/// So many windows are remembered.
const WINDOWS: usize = 32;
/// Of a window with more late facts nothing is remembered: they are looked for at each read.
const FEW: usize = 4_096;

/// Late facts recorded between two positions that happened outside of two moments.
pub(crate) fn outside_sql() -> String {
    format!(
        "SELECT f.position FROM facts f INDEXED BY facts_late WHERE {IS_LATE}
         AND f.position BETWEEN ?1 AND ?2 AND NOT f.occurred_at BETWEEN ?3 AND ?4 LIMIT ?5"
    )
}

/// What was found, by window.
#[derive(Debug, Default)]
pub(crate) struct Late(Mutex<Vec<Found>>);

#[derive(Debug, Clone)]
struct Found {
    /// First and last moment of the window.
    window: (i64, i64),
    /// Up to this position it was looked.
    until: i64,
    /// Positions; `None`: too many.
    positions: Option<Arc<Vec<i64>>>,
}

impl Late {
    /// Positions of the late facts that are in a window only by when they were recorded, and
    /// perhaps of some that are gone; `None` where there are many. `recorded` are the first and
    /// the last position recorded inside.
    pub(crate) fn outside(
        &self,
        db: &Connection,
        window: (i64, i64),
        recorded: (i64, i64),
    ) -> Result<Option<Arc<Vec<i64>>>, Failed> {
        let known = self.take(window);
        let found = match known {
            Some(known) if known.until >= recorded.1 || known.positions.is_none() => known,
            known => search(db, window, recorded, known)?,
        };
        let positions = found.positions.clone();
        self.keep(found);
        Ok(positions)
    }

    fn take(&self, window: (i64, i64)) -> Option<Found> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|found| found.window == window).cloned()
    }

    /// Keeps it as the one asked for last; of two that looked, the one that looked further stays.
    fn keep(&self, mut found: Found) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(i) = known.iter().position(|other| other.window == found.window) {
            let other = known.remove(i);
            found = if other.until > found.until { other } else { found };
        }
        if known.len() >= WINDOWS {
            known.remove(0);
        }
        known.push(found);
    }
}

/// Looks on where it was looked last.
fn search(
    db: &Connection,
    window: (i64, i64),
    (first, last): (i64, i64),
    known: Option<Found>,
) -> Result<Found, Failed> {
    let (after, before) = known.map_or((0, None), |known| (known.until, known.positions));
    let mut positions = before.map(|before| before.to_vec()).unwrap_or_default();
    let mut statement = db.prepare_cached(&outside_sql())?;
    let room = i64::try_from(FEW + 1 - positions.len()).unwrap_or(0);
    let mut rows = statement.query(params![first.max(after + 1), last, window.0, window.1, room])?;
    while let Some(row) = rows.next()? {
        positions.push(row.get(0)?);
    }
    let positions = (positions.len() <= FEW).then(|| Arc::new(positions));
    Ok(Found { window, until: last, positions })
}
