//! Redaction: chosen facts, everything that repeats them, and every trace.

use std::collections::{BTreeMap, BTreeSet};

use fact::{EntityId, Erased, Erasure, FactId, NativeIdentity, Redaction, SourceId, Timestamp};
use rusqlite::{OptionalExtension as _, Row, params};
use store::{EraseError, RedactRequest, Redacted};

use super::Writer;
use super::erase::Record;
use crate::row::position;

const COLUMNS: &str =
    "f.position, f.id, (SELECT s.id FROM sources s WHERE s.number = f.source), f.occurred_at,
    f.recorded_at, f.entity, f.identity, f.revision,
    f.kind = (SELECT k.number FROM kinds k WHERE k.name = 'erasure')";
const REDACTED_BY: &str =
    "SELECT s.erasure FROM redacted r JOIN stubs s ON s.position = r.position WHERE r.id = ?";
const CONTENT_OF: &str = "SELECT position, content FROM facts WHERE id = ?";

fn by(condition: &str) -> String {
    format!("SELECT {COLUMNS} FROM facts f WHERE {condition}")
}

fn with_id() -> String {
    by("f.id = ?")
}

fn revisions() -> String {
    by("f.identity = ?")
}

/// State facts that quote it are not among them: the server replaces those that it names.
fn quoting() -> String {
    by("f.position IN (SELECT q.position FROM quotes q WHERE q.quoted = ?) AND f.entity IS NULL")
}

fn correcting() -> String {
    by("f.entity = ?")
}

/// Every statement of this module, for the test that prepares them all.
#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    vec![REDACTED_BY.into(), CONTENT_OF.into(), with_id(), revisions(), quoting(), correcting()]
}

/// What is to go, by position.
type Going = BTreeMap<u64, Erased>;

struct Found {
    erased: Erased,
    is_record: bool,
}

impl Writer {
    /// Removes facts with all their revisions, what quotes and corrects them, and every trace.
    pub(crate) fn redact(&mut self, request: RedactRequest) -> Result<Redacted, EraseError> {
        if let Some(done) = self.redacted_before(&request)? {
            return Ok(done);
        }
        let going = self.going(&request)?;
        let positions: BTreeSet<u64> = going.keys().copied().collect();
        let ids: Vec<FactId> = going.values().map(|erased| erased.id).collect();
        let replaced = request.replaced.into_iter().filter(|event| positions.contains(&event.position));
        let redaction = Redaction {
            facts: going.into_values().collect(),
            why: request.why.clone(),
            replaced: replaced.collect(),
        };
        let record = Record {
            id: request.id,
            at: request.at,
            actor: Some(request.actor),
            why: request.why,
            erasure: Erasure::Redaction(redaction),
        };
        let position = self.erase(record, &positions)?;
        while self.shrink()? {}
        self.wipe()?;
        Ok(Redacted { position, count: ids.len() as u64, ids })
    }

    /// The same request again, or one whose facts are all gone already.
    fn redacted_before(&self, request: &RedactRequest) -> Result<Option<Redacted>, EraseError> {
        let doing = "looking for an earlier redaction";
        let same = self
            .db
            .query_row(CONTENT_OF, [&request.id.as_bytes()[..]], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
            .optional()
            .map_err(|error| self.failure(doing, error))?;
        if let Some((at, content)) = same
            && let Some(Erasure::Redaction(done)) = crate::erasure::record(&content)
        {
            let ids: Vec<_> = done.facts.iter().map(|erased| erased.id).collect();
            return Ok(Some(Redacted { position: position(at), count: ids.len() as u64, ids }));
        }
        let mut gone = None;
        for id in &request.facts {
            if !self.found(&with_id(), id.as_bytes())?.is_empty() {
                return Ok(None);
            }
            gone = self
                .db
                .query_row(REDACTED_BY, [&id.as_bytes()[..]], |row| row.get::<_, i64>(0))
                .optional()
                .map_err(|error| self.failure(doing, error))?;
            if gone.is_none() {
                return Err(EraseError::NoSuchFact(*id));
            }
        }
        Ok(gone.map(|at| Redacted { position: position(at), count: 0, ids: vec![] }))
    }

    /// The facts asked for, all their revisions, what quotes them, and the corrections of all.
    fn going(&self, request: &RedactRequest) -> Result<Going, EraseError> {
        let mut going = Going::new();
        for id in &request.facts {
            let found = self.found(&with_id(), id.as_bytes())?;
            let Some(Found { erased, is_record }) = found.into_iter().next() else {
                if self.is_redacted(*id)? {
                    continue;
                }
                return Err(EraseError::NoSuchFact(*id));
            };
            if is_record {
                return Err(EraseError::IsRecord(*id));
            }
            let corrects =
                |entity: EntityId| request.facts.iter().any(|fact| EntityId::from(*fact) == entity);
            let replaced = request.replaced.iter().any(|event| event.position == erased.position);
            if erased.entity.is_some_and(|entity| !corrects(entity)) && !replaced {
                return Err(EraseError::NeedsReplacement(*id));
            }
            self.with_revisions(erased, &mut going)?;
        }
        let chosen: Vec<FactId> = going.values().map(|erased| erased.id).collect();
        for id in chosen {
            for quote in self.found(&quoting(), id.as_bytes())? {
                self.with_revisions(quote.erased, &mut going)?;
            }
        }
        let all: Vec<FactId> = going.values().map(|erased| erased.id).collect();
        for id in all {
            let corrections = self.found(&correcting(), id.as_bytes())?;
            going.extend(corrections.into_iter().map(|found| (found.erased.position, found.erased)));
        }
        Ok(going)
    }

    fn with_revisions(&self, erased: Erased, going: &mut Going) -> Result<(), EraseError> {
        let identity = NativeIdentity::from_hex(&erased.identity).map_or([0; 16], |identity| identity.0);
        going.insert(erased.position, erased);
        let revisions = self.found(&revisions(), &identity)?;
        going.extend(revisions.into_iter().map(|found| (found.erased.position, found.erased)));
        Ok(())
    }

    fn is_redacted(&self, id: FactId) -> Result<bool, EraseError> {
        let found = self
            .db
            .prepare_cached(REDACTED_BY)
            .and_then(|mut statement| statement.exists(params![&id.as_bytes()[..]]));
        found.map_err(|error| self.failure("looking for a fact", error).into())
    }

    fn found(&self, text: &str, key: &[u8; 16]) -> Result<Vec<Found>, EraseError> {
        let found = self.db.prepare_cached(text).and_then(|mut statement| {
            let rows = statement.query_map([&key[..]], found_row)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        });
        found.map_err(|error| self.failure("looking for what is to go", error).into())
    }
}

fn found_row(row: &Row<'_>) -> rusqlite::Result<Found> {
    let erased = Erased {
        position: position(row.get(0)?),
        id: FactId::from_bytes(row.get(1)?),
        source: SourceId::from_bytes(row.get(2)?),
        occurred_at: Timestamp::from_micros(row.get(3)?),
        recorded_at: Timestamp::from_micros(row.get(4)?),
        entity: row.get::<_, Option<[u8; 16]>>(5)?.map(EntityId::from_bytes),
        identity: NativeIdentity(row.get(6)?).hex(),
        revision: row.get(7)?,
    };
    Ok(Found { erased, is_record: row.get(8)? })
}
