//! What becomes of each fact of an append: compared with the log and with what is about to be.

use std::collections::HashMap;

use fact::{EntityId, FactId, NativeIdentity};
use rusqlite::{Connection, OptionalExtension as _, params};
use store::{Receipt, Refusal};

use super::Prepared;
use crate::row::{position, sql};

pub(crate) const BY_ID: &str = "
    SELECT position, identity, revision FROM facts WHERE id = ?1
    UNION ALL SELECT position, identity, revision FROM redacted WHERE id = ?1";
pub(crate) const BY_IDENTITY: &str = "SELECT position, id FROM facts WHERE identity = ? AND revision = ?";
/// A redacted fact stays redacted: no later revision brings it back.
pub(crate) const REDACTED: &str = "
    SELECT position, id FROM redacted WHERE identity = ? ORDER BY revision = ? DESC, revision DESC LIMIT 1";
pub(crate) const BY_VERSION: &str = "SELECT 1 FROM facts WHERE entity = ? AND version = ?";

/// The decision about one fact.
#[derive(Debug, Clone)]
pub(crate) enum Decision {
    /// It is new.
    New,
    /// It is in the log already, or in an append before this one.
    Known { position: u64, id: FactId },
    /// It is the same as an earlier one of this append.
    Repeats(usize),
    /// It can't be kept.
    Refused(Refusal),
}

/// Facts of this transaction that are not in the database yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    ids: HashMap<FactId, (u64, NativeIdentity, u32)>,
    identities: HashMap<(NativeIdentity, u32), (u64, FactId)>,
    versions: HashMap<(EntityId, u64), u64>,
}

impl Pending {
    /// Notes that a fact gets a position.
    pub(crate) fn add(&mut self, prepared: &Prepared, position: u64) {
        let (fact, content) = (&prepared.fact, &prepared.fact.content);
        self.ids.insert(fact.id, (position, prepared.identity, content.revision));
        self.identities.insert((prepared.identity, content.revision), (position, fact.id));
        if let (Some(entity), Some(version)) = (content.entity, content.version) {
            self.versions.insert((entity, version), position);
        }
    }
}

/// Decides by limits and, where something was redacted, by what is left of it; everything else is
/// taken for new, and the unique indexes speak up if it is not.
pub(crate) fn hopeful(
    db: &Connection,
    facts: &[Prepared],
    redacted: bool,
) -> rusqlite::Result<Vec<Decision>> {
    let mut decisions = Vec::with_capacity(facts.len());
    for prepared in facts {
        let known = if redacted { left_of(db, prepared)? } else { None };
        decisions.push(match (&prepared.refused, known) {
            (Some(refused), _) => Decision::Refused(refused.clone().into()),
            (None, Some((position, id))) => Decision::Known { position, id },
            (None, None) => Decision::New,
        });
    }
    Ok(all_or_none(facts, decisions))
}

/// Decides by looking everything up.
pub(crate) fn careful(
    db: &Connection,
    facts: &[Prepared],
    pending: &Pending,
) -> rusqlite::Result<Vec<Decision>> {
    let mut here = Here::default();
    let mut decisions = Vec::with_capacity(facts.len());
    for (i, prepared) in facts.iter().enumerate() {
        let decision = decide(db, prepared, pending, &here)?;
        if matches!(decision, Decision::New) {
            here.add(prepared, i);
        }
        decisions.push(decision);
    }
    Ok(all_or_none(facts, decisions))
}

/// New facts of this append, by index.
#[derive(Default)]
struct Here {
    ids: HashMap<FactId, (usize, NativeIdentity, u32)>,
    identities: HashMap<(NativeIdentity, u32), usize>,
    versions: HashMap<(EntityId, u64), usize>,
}

impl Here {
    fn add(&mut self, prepared: &Prepared, i: usize) {
        let (fact, content) = (&prepared.fact, &prepared.fact.content);
        self.ids.insert(fact.id, (i, prepared.identity, content.revision));
        self.identities.insert((prepared.identity, content.revision), i);
        if let (Some(entity), Some(version)) = (content.entity, content.version) {
            self.versions.insert((entity, version), i);
        }
    }
}

fn decide(
    db: &Connection,
    prepared: &Prepared,
    pending: &Pending,
    here: &Here,
) -> rusqlite::Result<Decision> {
    let (id, identity, revision) = (prepared.fact.id, prepared.identity, prepared.fact.content.revision);
    if let Some(refused) = &prepared.refused {
        return Ok(Decision::Refused(refused.clone().into()));
    }
    let taken = Decision::Refused(Refusal::IdTaken(id));
    if let Some((i, other, other_revision)) = here.ids.get(&id) {
        return Ok(if (*other, *other_revision) == (identity, revision) {
            Decision::Repeats(*i)
        } else {
            taken
        });
    }
    let in_log = match pending.ids.get(&id) {
        Some(found) => Some(*found),
        None => by_id(db, id)?,
    };
    if let Some((position, other, other_revision)) = in_log {
        let same = (other, other_revision) == (identity, revision);
        return Ok(if same { Decision::Known { position, id } } else { taken });
    }
    if let Some(i) = here.identities.get(&(identity, revision)) {
        return Ok(Decision::Repeats(*i));
    }
    let in_log = match pending.identities.get(&(identity, revision)) {
        Some(found) => Some(*found),
        None => by_identity(db, prepared)?,
    };
    if let Some((position, id)) = in_log {
        return Ok(Decision::Known { position, id });
    }
    if let (Some(entity), Some(version)) = (prepared.fact.content.entity, prepared.fact.content.version) {
        let slot = (entity, version);
        let pending = pending.versions.contains_key(&slot) || here.versions.contains_key(&slot);
        if pending || is_version_taken(db, entity, version)? {
            return Ok(Decision::Refused(Refusal::VersionTaken { entity, version }));
        }
    }
    Ok(Decision::New)
}

fn by_id(db: &Connection, id: FactId) -> rusqlite::Result<Option<(u64, NativeIdentity, u32)>> {
    db.prepare_cached(BY_ID)?
        .query_row([&id.as_bytes()[..]], |row| {
            Ok((position(row.get(0)?), NativeIdentity(row.get(1)?), row.get(2)?))
        })
        .optional()
}

fn by_identity(db: &Connection, prepared: &Prepared) -> rusqlite::Result<Option<(u64, FactId)>> {
    let stored = db
        .prepare_cached(BY_IDENTITY)?
        .query_row(params![&prepared.identity.0[..], prepared.fact.content.revision], |row| {
            Ok((position(row.get(0)?), FactId::from_bytes(row.get(1)?)))
        })
        .optional()?;
    Ok(match stored {
        Some(found) => Some(found),
        None => left_of(db, prepared)?,
    })
}

/// What a redaction left of the fact.
fn left_of(db: &Connection, prepared: &Prepared) -> rusqlite::Result<Option<(u64, FactId)>> {
    db.prepare_cached(REDACTED)?
        .query_row(params![&prepared.identity.0[..], prepared.fact.content.revision], |row| {
            Ok((position(row.get(0)?), FactId::from_bytes(row.get(1)?)))
        })
        .optional()
}

fn is_version_taken(db: &Connection, entity: EntityId, version: u64) -> rusqlite::Result<bool> {
    db.prepare_cached(BY_VERSION)?.exists(params![&entity.as_bytes()[..], sql(version)])
}

/// State facts of one append are kept all or none: one refusal refuses every new one.
fn all_or_none(facts: &[Prepared], mut decisions: Vec<Decision>) -> Vec<Decision> {
    let is_state = |i: usize| facts[i].fact.content.entity.is_some();
    let refusal = decisions.iter().enumerate().find_map(|(i, decision)| match decision {
        Decision::Refused(refusal) if is_state(i) => Some(refusal.clone()),
        _ => None,
    });
    let Some(refusal) = refusal else { return decisions };
    for (i, decision) in decisions.iter_mut().enumerate() {
        if is_state(i) && matches!(decision, Decision::New | Decision::Repeats(_)) {
            *decision = Decision::Refused(refusal.clone());
        }
    }
    decisions
}

/// The receipt for a fact that is not new.
pub(crate) fn receipt(decision: &Decision, earlier: &[Receipt], facts: &[Prepared]) -> Option<Receipt> {
    match decision {
        Decision::New => None,
        Decision::Known { position, id } => Some(Receipt::Known { position: *position, id: *id }),
        Decision::Refused(refusal) => Some(Receipt::Refused(refusal.clone())),
        Decision::Repeats(i) => Some(match &earlier[*i] {
            Receipt::Stored { position, .. } => Receipt::Known { position: *position, id: facts[*i].fact.id },
            other => other.clone(),
        }),
    }
}
