//! Expiry: what a source's retention no longer allows, some thousand facts at a time.

use std::collections::{BTreeSet, HashSet};

use fact::{Erasure, Expiry, FactId, Kind, NativeIdentity, Timestamp, uuid_v7};
use rusqlite::{OptionalExtension as _, Row, params};
use store::{EraseError, ExpireRequest};

use super::Writer;
use super::erase::{Record, emptied};
use crate::row::{position, sql};

/// How many facts are looked at in one transaction: appends wait no longer than it takes.
const CHUNK: i64 = 2_000;

const CANDIDATES: &str = "
    SELECT f.position, f.id, (SELECT k.name FROM kinds k WHERE k.number = f.kind), f.recorded_at, f.occurred_at,
        f.identity, f.revision, f.thread, f.entity IS NOT NULL
    FROM facts f INDEXED BY facts_source
    WHERE f.source = ?1 AND f.position > ?2 AND f.recorded_at < ?3 ORDER BY f.position LIMIT ?4";
/// An edit belongs to its original's window.
const FIRST_TIMES: &str =
    "SELECT recorded_at, occurred_at FROM facts WHERE identity = ? ORDER BY revision LIMIT 1";
const OVERLAPS: &str = "SELECT 1 FROM spans WHERE source = ?1 AND thread = ?2 AND begin <= ?4
    AND coalesce(until, ?4) >= ?3";
const CORRECTIONS: &str = "SELECT position FROM facts WHERE entity = ? AND source = ?";
const IDENTITY: &str = "SELECT identity FROM facts WHERE id = ?";

/// Every statement of this module, for the test that prepares them all.
#[cfg(test)]
pub(crate) const STATEMENTS: [&str; 5] = [CANDIDATES, FIRST_TIMES, OVERLAPS, CORRECTIONS, IDENTITY];

/// What one step did.
pub(crate) struct Step {
    /// How many facts are gone.
    pub(crate) count: u64,
    /// After which position to go on; `None` at the end.
    pub(crate) next: Option<u64>,
}

struct Candidate {
    position: u64,
    id: FactId,
    kind: Kind,
    recorded_at: Timestamp,
    occurred_at: Timestamp,
    identity: NativeIdentity,
    revision: u32,
    thread: Option<[u8; 16]>,
    is_state: bool,
}

impl Writer {
    /// Looks at some facts after a position and erases those that have expired.
    pub(crate) fn expire_some(&mut self, request: &ExpireRequest, after: u64) -> Result<Step, EraseError> {
        let Some(source) = self.numbers.known_source(request.source) else {
            return Ok(Step { count: 0, next: None });
        };
        let chosen = self.chosen(request, source, after);
        let (chosen, next) = chosen.map_err(|error| self.failure("looking for what has expired", error))?;
        let mut positions: BTreeSet<u64> = chosen.iter().map(|candidate| candidate.position).collect();
        for candidate in &chosen {
            let corrections = self.corrections(candidate.id, source);
            positions.extend(corrections.map_err(|error| self.failure("looking for corrections", error))?);
        }
        let (Some(first), Some(last)) = (positions.first(), positions.last()) else {
            return Ok(Step { count: 0, next });
        };
        let occurred = chosen.iter().map(|candidate| candidate.occurred_at);
        let at = self.now();
        let count = positions.len() as u64;
        let tiles =
            emptied(&self.db, &positions).map_err(|error| self.failure("looking for tiles", error))?;
        let expiry = Expiry {
            source: request.source,
            from_position: *first,
            to_position: *last,
            recorded_before: request.recorded_before,
            count,
            occurred: (occurred.clone().min().unwrap_or(at), occurred.max().unwrap_or(at)),
            tiles,
            why: request.why.clone(),
        };
        let id = FactId(uuid_v7(at, super::random()?));
        let erasure = Erasure::Expiry(expiry);
        self.erase(Record { id, at, actor: None, why: request.why.clone(), erasure }, &positions)?;
        Ok(Step { count, next })
    }

    fn chosen(
        &self,
        request: &ExpireRequest,
        source: i64,
        after: u64,
    ) -> rusqlite::Result<(Vec<Candidate>, Option<u64>)> {
        let kept = self.kept(request)?;
        let mut statement = self.db.prepare_cached(CANDIDATES)?;
        let range = params![source, sql(after), request.recorded_before.micros(), CHUNK];
        let candidates = statement.query_map(range, candidate)?.collect::<rusqlite::Result<Vec<_>>>()?;
        let is_last = candidates.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX);
        let next = candidates.last().filter(|_| !is_last).map(|last| last.position);
        let mut chosen = Vec::new();
        for candidate in candidates {
            let stays = candidate.is_state
                || kept.contains(&candidate.identity)
                || self.is_in_kept_window(request, source, &candidate)?;
            if !stays {
                chosen.push(candidate);
            }
        }
        Ok((chosen, next))
    }

    /// Identities of the facts that are kept by name, whichever revision was named.
    fn kept(&self, request: &ExpireRequest) -> rusqlite::Result<HashSet<NativeIdentity>> {
        let mut kept = HashSet::new();
        let mut statement = self.db.prepare_cached(IDENTITY)?;
        for id in &request.keep_facts {
            let identity = statement.query_row([&id.as_bytes()[..]], |row| row.get(0)).optional()?;
            kept.extend(identity.map(NativeIdentity));
        }
        Ok(kept)
    }

    fn is_in_kept_window(
        &self,
        request: &ExpireRequest,
        source: i64,
        candidate: &Candidate,
    ) -> rusqlite::Result<bool> {
        let mut times = (candidate.recorded_at, candidate.occurred_at);
        if candidate.revision > 0 {
            let mut first = self.db.prepare_cached(FIRST_TIMES)?;
            times = first.query_row([&candidate.identity.0[..]], |row| {
                Ok((Timestamp::from_micros(row.get(0)?), Timestamp::from_micros(row.get(1)?)))
            })?;
        }
        let evidence = if candidate.kind.is_evidence() { &request.keep_evidence[..] } else { &[] };
        for (from, until) in request.keep_all.iter().chain(evidence) {
            let inside = |at: Timestamp| (*from..=*until).contains(&at);
            if inside(times.0) || inside(times.1) {
                return Ok(true);
            }
            if let Some(thread) = &candidate.thread {
                let mut overlaps = self.db.prepare_cached(OVERLAPS)?;
                if overlaps.exists(params![source, &thread[..], from.micros(), until.micros()])? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Corrections of a fact go with it: they repeat its text.
    fn corrections(&self, id: FactId, source: i64) -> rusqlite::Result<Vec<u64>> {
        let mut statement = self.db.prepare_cached(CORRECTIONS)?;
        let rows =
            statement.query_map(params![&id.as_bytes()[..], source], |row| Ok(position(row.get(0)?)))?;
        rows.collect()
    }
}

fn candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    let kind: String = row.get(2)?;
    Ok(Candidate {
        position: position(row.get(0)?),
        id: FactId::from_bytes(row.get(1)?),
        // What is not readable is kept longest.
        kind: kind.parse().unwrap_or(Kind::ALERT),
        recorded_at: Timestamp::from_micros(row.get(3)?),
        occurred_at: Timestamp::from_micros(row.get(4)?),
        identity: NativeIdentity(row.get(5)?),
        revision: row.get(6)?,
        thread: row.get(7)?,
        is_state: row.get(8)?,
    })
}
