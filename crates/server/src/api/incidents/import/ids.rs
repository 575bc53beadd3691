//! How what comes from elsewhere is called here.
//!
//! What the importer sees here already keeps its id, so that the same export again adds nothing.
//! Everything else gets an id that only this server can derive, whether or not the foreign one
//! exists here: a private incident can't be told from an absent one by importing it.

use std::collections::{BTreeMap, BTreeSet};

use api::{Export, ExportedFact};
use fact::{EntityId, FactId, SourceId, Viewer};
use hmac::{Hmac, KeyInit as _, Mac as _};
use incident::State;
use sha2::Sha256;
use store::{Entry, StoreError};
use uuid::Uuid;

use crate::App;

/// The id that a thing had where it was told first.
pub(super) fn origin_of(fact: &ExportedFact) -> FactId {
    let told = fact.data.get("origin").and_then(|origin| origin.get("id"));
    told.and_then(serde_json::Value::as_str).and_then(|id| id.parse().ok()).unwrap_or(fact.id)
}

/// The same id again for the same thing, which nobody without the key can foresee. Its time stays,
/// so that ids go on being in order of time.
fn derived(key: &[u8; 32], what: &str, home: Uuid, id: Uuid, attempt: u32) -> Uuid {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(b"import\0");
    mac.update(what.as_bytes());
    mac.update(&[0]);
    mac.update(home.as_bytes());
    mac.update(id.as_bytes());
    mac.update(&attempt.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let mut bytes = *id.as_bytes();
    bytes[6..].copy_from_slice(&digest[..10]);
    uuid::Builder::from_bytes(bytes)
        .with_variant(uuid::Variant::RFC4122)
        .with_version(uuid::Version::SortRand)
        .into_uuid()
}

/// The first of `id` and what is derived from it that is seen, or else that is nowhere.
fn first_free(id: Uuid, derive: impl Fn(u32) -> Uuid, look: impl Fn(Uuid) -> Seen) -> Uuid {
    if look(id) == Seen::Yes {
        return id;
    }
    // Only what was imported and then hidden from this importer is in the way.
    let mut attempt = 0;
    loop {
        let candidate = derive(attempt);
        if look(candidate) != Seen::Hidden {
            return candidate;
        }
        attempt += 1;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Yes,
    Hidden,
    Absent,
}

fn seen(is_there: bool, is_seen: bool) -> Seen {
    match (is_there, is_seen) {
        (true, true) => Seen::Yes,
        (true, false) => Seen::Hidden,
        (false, _) => Seen::Absent,
    }
}

/// What the incident of the export is called here.
pub(super) fn incident(state: &State, viewer: &Viewer, key: &[u8; 32], export: &Export) -> EntityId {
    let id = export.incident.incident.id;
    let declaration = export.facts.iter().find(|fact| EntityId::from(fact.id) == id);
    let id = declaration.map_or(id, |fact| origin_of(fact).into());
    let look = |id| {
        let id = EntityId(id);
        seen(state.incidents.contains_key(&id), viewer.sees_entity(id))
    };
    EntityId(first_free(id.0, |attempt| derived(key, "incident", Uuid::nil(), id.0, attempt), look))
}

/// What a source that is not known here by name is called here.
pub(super) fn source(state: &State, viewer: &Viewer, key: &[u8; 32], id: SourceId) -> SourceId {
    let look = |id| seen(state.sources.contains_key(&SourceId(id)), viewer.sees_source(SourceId(id)));
    SourceId(first_free(id.0, |attempt| derived(key, "source", Uuid::nil(), id.0, attempt), look))
}

/// What the facts of the export are called here. They come in order of position.
///
/// A derived id depends on what the fact will be seen with: its source, its incident, the fact that
/// it corrects. So one that exists already is one that the importer sees.
pub(super) async fn facts(
    app: &App,
    viewer: &Viewer,
    export: &Export,
    incident: EntityId,
    sources: &BTreeMap<SourceId, SourceId>,
) -> Result<BTreeMap<FactId, FactId>, StoreError> {
    let mut seen = BTreeSet::new();
    for batch in export.facts.chunks(1_000) {
        let origins: Vec<FactId> = batch.iter().map(origin_of).collect();
        seen.extend(app.store.facts(viewer, &origins).await?.iter().map(Entry::id));
    }
    let mut ids = BTreeMap::new();
    for fact in &export.facts {
        let origin = origin_of(fact);
        let is_declaration = EntityId::from(fact.id) == export.incident.incident.id;
        // An edit is found by its id, but answers with its first telling.
        let is_edit = fact.revision > 0;
        let here = if is_declaration {
            FactId(incident.0)
        } else if seen.contains(&origin) || is_edit && !app.store.facts(viewer, &[origin]).await?.is_empty() {
            origin
        } else {
            let home = match fact.entity.map(|entity| ids.get(&FactId(entity.0))) {
                Some(corrected) => corrected.unwrap_or(&FactId(incident.0)).0,
                None => sources.get(&fact.source).unwrap_or(&fact.source).0,
            };
            FactId(derived(&app.config.key, "fact", home, origin.0, 0))
        };
        ids.insert(fact.id, here);
    }
    Ok(ids)
}
