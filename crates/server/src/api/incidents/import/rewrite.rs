//! A fact of an export as it is kept here.

use std::collections::BTreeMap;

use api::{Export, ExportedFact};
use fact::{Content, EntityId, FactId, Kind, NewFact, SourceId, Span};
use serde_json::{Map, Value, json};

use super::names::Names;

/// What the rewriting needs to know besides the names.
pub(super) struct Target<'a> {
    /// The incident.
    pub(super) incident: EntityId,
    /// Its number here.
    pub(super) number: u64,
    /// Who sees it besides its members, if it is private: whoever imports it.
    pub(super) importer: String,
    /// The id under which it is known where it comes from.
    pub(super) external_id: String,
    /// The export.
    pub(super) export: &'a Export,
    /// Facts that are here under another id.
    pub(super) known_as: BTreeMap<String, String>,
}

/// The fact as it is kept here, without a version; `None` if nothing of it is left to keep.
pub(super) fn rewritten(exported: &ExportedFact, names: &Names, target: &Target<'_>) -> Option<NewFact> {
    let source = *names.sources.get(&exported.source)?;
    let mut content = match (exported.redacted, &exported.native_id) {
        (false, Some(native_id)) => Content::new(native_id.clone(), exported.occurred_at, &*exported.text),
        _ => Content::new(exported.id.to_string(), exported.occurred_at, "(removed before it was exported)"),
    };
    let is_state = exported.entity.is_some();
    content.revision = exported.revision;
    content.zone.clone_from(&exported.zone);
    content.uncertainty_s = exported.uncertainty_s;
    content.actor.clone_from(&exported.actor);
    content.thread.clone_from(&exported.thread);
    content.span = exported.span_begin.map(|begin| Span { begin, end: exported.span_end });
    content.about = exported.about.iter().map(|id| known_as(*id, target)).collect();
    content.data.clone_from(&exported.data);
    content.raw.clone_from(&exported.raw);
    content.entity = exported.entity.map(|entity| home(entity, exported, target));
    // It was recorded as it happened, but not here: it lies in windows by its own time only.
    content.live = false;
    if let Some(event) = content.data.get_mut("event").filter(|_| is_state) {
        rename(event, names, target);
        declare(event, target);
    }
    let origin = json!({
        "server": target.export.origin,
        "position": exported.position,
        "recorded_at": exported.recorded_at,
        "live": exported.live,
    });
    content.data.entry("origin").or_insert(origin);
    let kind = exported.kind.clone().filter(|kind| is_allowed(kind, is_state)).unwrap_or(Kind::UNKNOWN);
    Some(NewFact { id: exported.id, source, kind, content })
}

/// The log's own kinds say something only as state facts.
fn is_allowed(kind: &Kind, is_state: bool) -> bool {
    *kind != Kind::ERASURE && (is_state || ![Kind::STATE, Kind::CORRECTION].contains(kind))
}

/// What a state fact is about here: entries that had been typed for another incident and were
/// moved or counted to this one are about this one now.
fn home(entity: EntityId, exported: &ExportedFact, target: &Target<'_>) -> EntityId {
    let is_own = entity == exported.id.into();
    let is_correction =
        exported.data.get("event").is_some_and(|event| event.pointer("/what/amended").is_some());
    match () {
        () if is_correction => EntityId(known_as(FactId(entity.0), target).0),
        () if is_own || entity == target.incident => entity,
        () => target.incident,
    }
}

fn known_as(id: FactId, target: &Target<'_>) -> FactId {
    target.known_as.get(&id.to_string()).and_then(|here| here.parse().ok()).unwrap_or(id)
}

/// Puts the ids of this server in the place of those that differ.
fn rename(event: &mut Value, names: &Names, target: &Target<'_>) {
    match event {
        Value::String(text) => {
            if let Some(here) = names.ids.get(text).or_else(|| target.known_as.get(text)) {
                text.clone_from(here);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names, target)),
        Value::Object(map) => map.values_mut().for_each(|item| rename(item, names, target)),
        _ => {}
    }
}

/// The number, the members and the external id are this server's matter.
fn declare(event: &mut Value, target: &Target<'_>) {
    let Some(what) = event.get_mut("what") else { return };
    let add_importer = |map: &mut Map<String, Value>| {
        if let Some(Value::Array(members)) = map.get_mut("members") {
            let importer = Value::String(target.importer.clone());
            if !members.contains(&importer) {
                members.push(importer);
            }
        }
    };
    if let Some(Value::Object(declared)) = what.get_mut("declared") {
        declared.insert("number".into(), target.number.into());
        declared.entry("external_id").or_insert_with(|| target.external_id.clone().into());
        add_importer(declared);
    }
    if let Some(Value::Object(members)) = what.get_mut("members-set") {
        add_importer(members);
    }
}

/// Whether a fact of the product's own source changes or tells state; nothing else of it is taken.
pub(super) fn is_sound(exported: &ExportedFact) -> bool {
    match exported.entity {
        Some(entity) => {
            exported.version.is_some()
                && exported.data.get("event").is_some_and(is_about_incidents)
                && entity != EntityId::LOG
        }
        None => exported.source != SourceId::OWN || exported.redacted,
    }
}

/// Events about people and sources are no part of an incident: nobody becomes an admin by an import.
fn is_about_incidents(event: &Value) -> bool {
    const OTHERS: [&str; 8] = [
        "person-added",
        "person-role-set",
        "handle-added",
        "joined-into",
        "source-added",
        "retention-set",
        "mapped",
        "deactivated",
    ];
    match event.get("what") {
        Some(Value::Object(what)) => !what.keys().any(|name| OTHERS.contains(&name.as_str())),
        _ => false,
    }
}
