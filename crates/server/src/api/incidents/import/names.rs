//! People and sources of an export, as they are known here.

use std::collections::BTreeMap;

use api::Export;
use fact::{Content, EntityId, FactId, Kind, NewFact, PersonId, SourceId, Timestamp};
use incident::{Event, Recorded, Role, State};
use serde_json::json;

use super::ids;
use crate::auth::Caller;

/// How ids of the export are called here, and the facts that make what was not here.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Ids of sources and facts, as text, where they differ.
    pub(super) ids: BTreeMap<String, String>,
    /// Where the facts of a source go.
    pub(super) sources: BTreeMap<SourceId, SourceId>,
    /// People and sources to be added.
    pub(super) facts: Vec<NewFact>,
}

/// Gives names to everybody and everything that the export names.
pub(super) fn names(
    state: &State,
    caller: &Caller,
    key: &[u8; 32],
    export: &Export,
    now: Timestamp,
    fresh_id: &mut dyn FnMut() -> FactId,
) -> Names {
    let mut names = Names::default();
    let by = caller.person;
    for person in &export.people {
        if state.people.contains_key(&person.id) {
            continue;
        }
        let name = free_name(&person.name, &export.origin, |name| state.person_named(name).is_some());
        let mut add = |version, event| {
            let line = format!("added {name}, named in an import");
            names.facts.push(told(by, person.id.into(), version, event, line, now, fresh_id()));
        };
        // Somebody who is named elsewhere can't log in here.
        add(1, Event::PersonAdded { name: name.clone(), role: Role::Viewer });
        add(2, Event::Deactivated);
    }
    for source in &export.sources {
        if source.id == SourceId::OWN {
            names.sources.insert(source.id, source.id);
            continue;
        }
        let here = ids::source(state, &caller.viewer, key, source.id);
        if here != source.id {
            names.ids.insert(source.id.to_string(), here.to_string());
        }
        if state.sources.contains_key(&here) {
            names.sources.insert(source.id, here);
            continue;
        }
        let known = state.source_named(&source.name).filter(|known| {
            known.kind == source.kind
                && caller.viewer.sees_source(known.id)
                && known.members.is_some() == source.private
        });
        if let Some(known) = known {
            names.sources.insert(source.id, known.id);
            names.ids.insert(source.id.to_string(), known.id.to_string());
            continue;
        }
        let name = free_name(&source.name, &export.origin, |name| state.source_named(name).is_some());
        let line = format!("added the source {name} by an import");
        let members = source.private.then(|| [by].into());
        let event = Event::SourceAdded { kind: source.kind, name, members };
        names.facts.push(told(by, here.into(), 1, event, line, now, fresh_id()));
        names.sources.insert(source.id, here);
    }
    names
}

/// A state fact of whoever imports.
pub(super) fn told(
    by: PersonId,
    entity: EntityId,
    version: u64,
    event: Event,
    line: String,
    at: Timestamp,
    id: FactId,
) -> NewFact {
    let mut content = Content::new(id.to_string(), at, line);
    content.entity = Some(entity);
    content.version = Some(version);
    content.live = true;
    content.data.insert("event".into(), json!(Recorded { by, what: event }));
    NewFact { id, source: SourceId::OWN, kind: Kind::STATE, content }
}

/// The name itself, or with where it comes from if it is taken.
fn free_name(name: &str, origin: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let name: String = name.trim().chars().filter(|letter| !letter.is_control()).take(100).collect();
    if !name.is_empty() && !is_taken(&name) {
        return name;
    }
    let host = origin.split("//").last().unwrap_or_default().replace([':', '/'], "-");
    let host: String = host.chars().take(80).collect();
    let mut candidate = format!("{name}-{host}");
    let mut count = 2;
    while is_taken(&candidate) {
        candidate = format!("{name}-{host}-{count}");
        count += 1;
    }
    candidate
}
