//! An incident as one JSON document.

use std::collections::{BTreeMap, BTreeSet};

use api::{Export, ExportedFact, ExportedSource, FORMAT, PersonRef};
use fact::{EntityId, FactId, PersonId, SourceId, StoredFact, Viewer};
use incident::{SourceKind, State};
use serde_json::Value;
use store::Entry;

use super::timeline::own_entries;
use super::{incident_view, names};
use crate::{App, Problem};

/// Everything of an incident that the viewer may see (docs/formats/export.md); of a double, of
/// itself: the incident that it lives on as is another export.
pub async fn export(app: &App, viewer: &Viewer, incident: EntityId) -> Result<Export, Problem> {
    let view = incident_view(app, viewer, incident).await?;
    let timeline = own_entries(app, viewer, incident).await?;
    let corrections = corrections(app, viewer, &timeline).await?;
    let mut facts: BTreeMap<u64, ExportedFact> = BTreeMap::new();
    for entry in timeline.into_iter().chain(corrections) {
        match entry {
            Entry::Fact { first, newest: None } => {
                facts.insert(first.position, exported(*first));
            }
            Entry::Fact { first, newest: Some(_) } => {
                let revisions = app.store.revisions(viewer, first.fact.id).await?;
                facts.extend(revisions.into_iter().map(|stored| (stored.position, exported(stored))));
            }
            Entry::Redacted { position, .. } => {
                facts.insert(position, stub(&entry));
            }
        }
    }
    let facts: Vec<ExportedFact> = facts.into_values().collect();
    let state = app.state();
    Ok(Export {
        format: FORMAT.into(),
        origin: app.config.base_url.clone(),
        exported_at: app.now(),
        people: people(&state, &facts),
        sources: sources(&state, &facts),
        incident: view,
        facts,
    })
}

/// The facts that amended others of the timeline; they have the visibility of what they amend.
async fn corrections(app: &App, viewer: &Viewer, timeline: &[Entry]) -> Result<Vec<Entry>, Problem> {
    let ids: Vec<FactId> = {
        let state = app.state();
        let amended = timeline.iter().filter_map(|entry| state.corrections.get(&entry.id()));
        amended.flat_map(|correction| &correction.history).map(|amendment| amendment.fact).collect()
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(app.store.facts(viewer, &ids).await?)
}

fn exported(stored: StoredFact) -> ExportedFact {
    let content = stored.fact.content;
    ExportedFact {
        id: stored.fact.id,
        position: stored.position,
        recorded_at: stored.recorded_at,
        source: stored.fact.source,
        kind: Some(stored.fact.kind),
        native_id: Some(content.native_id),
        revision: content.revision,
        occurred_at: content.occurred_at,
        zone: content.zone,
        uncertainty_s: content.uncertainty_s,
        actor: content.actor,
        text: content.text,
        thread: content.thread,
        span_begin: content.span.map(|span| span.begin),
        span_end: content.span.and_then(|span| span.end),
        live: content.live,
        entity: content.entity,
        version: content.version,
        about: content.about,
        data: content.data,
        raw: content.raw,
        redacted: false,
    }
}

fn stub(entry: &Entry) -> ExportedFact {
    let at = entry.cursor();
    ExportedFact {
        id: entry.id(),
        position: at.position,
        recorded_at: match entry {
            Entry::Fact { first, .. } => first.recorded_at,
            Entry::Redacted { recorded_at, .. } => *recorded_at,
        },
        source: entry.source(),
        kind: None,
        native_id: None,
        revision: 0,
        occurred_at: at.occurred_at,
        zone: None,
        uncertainty_s: None,
        actor: None,
        text: String::new(),
        thread: None,
        span_begin: None,
        span_end: None,
        live: false,
        entity: None,
        version: None,
        about: Vec::new(),
        data: serde_json::Map::new(),
        raw: None,
        redacted: true,
    }
}

/// Everybody whom an event names by id.
fn people(state: &State, facts: &[ExportedFact]) -> Vec<PersonRef> {
    let mut ids = BTreeSet::new();
    let events = facts.iter().filter(|fact| fact.version.is_some()).filter_map(|fact| fact.data.get("event"));
    events.for_each(|event| named(event, &mut ids));
    ids.into_iter()
        .filter(|id| state.people.contains_key(id))
        .map(|id| PersonRef { id, name: names::person(state, id).name })
        .collect()
}

/// All that may be a person's id in an event.
fn named(event: &Value, ids: &mut BTreeSet<PersonId>) {
    match event {
        Value::String(text) => ids.extend(text.parse::<PersonId>()),
        Value::Array(items) => items.iter().for_each(|item| named(item, ids)),
        Value::Object(map) => map.values().for_each(|item| named(item, ids)),
        _ => {}
    }
}

fn sources(state: &State, facts: &[ExportedFact]) -> Vec<ExportedSource> {
    let ids: BTreeSet<SourceId> = facts.iter().map(|fact| fact.source).collect();
    ids.into_iter()
        .map(|id| {
            let source = state.sources.get(&id);
            ExportedSource {
                id,
                name: names::source(state, id),
                kind: source.map_or(SourceKind::Deadstick, |source| source.kind),
                private: source.is_some_and(|source| source.members.is_some()),
            }
        })
        .collect()
}
