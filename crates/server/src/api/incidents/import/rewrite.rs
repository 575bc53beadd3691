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
    /// What the facts of the export are called here.
    pub(super) facts: BTreeMap<FactId, FactId>,
}

/// The fact as it is kept here, without a version; `None` if nothing of it is left to keep.
pub(super) fn rewritten(exported: &ExportedFact, names: &Names, target: &Target<'_>) -> Option<NewFact> {
    let source = *names.sources.get(&exported.source)?;
    let id = called(exported.id, target);
    let is_state = exported.entity.is_some();
    let (native_id, text) = match &exported.native_id {
        Some(native_id) if !exported.redacted => (native_id.clone(), &*exported.text),
        _ => (id.to_string(), "(removed before it was exported)"),
    };
    // The product's own facts are named by their id.
    let native_id = if source == SourceId::OWN { id.to_string() } else { native_id };
    let mut content = Content::new(native_id, exported.occurred_at, text);
    content.revision = exported.revision;
    content.zone.clone_from(&exported.zone);
    content.uncertainty_s = exported.uncertainty_s;
    content.actor.clone_from(&exported.actor);
    content.thread = exported.thread.as_ref().map(|thread| names.ids.get(thread).unwrap_or(thread).clone());
    content.span = exported.span_begin.map(|begin| Span { begin, end: exported.span_end });
    content.about = exported.about.iter().map(|id| called(*id, target)).collect();
    content.data.clone_from(&exported.data);
    content.raw.clone_from(&exported.raw);
    content.entity = match exported.entity {
        Some(entity) => Some(home(entity, exported, target)?),
        None => None,
    };
    // It was recorded as it happened, but not here: it lies in windows by its own time only.
    content.live = false;
    if let Some(event) = content.data.get_mut("event").filter(|_| is_state) {
        rename(event, names);
        declare(event, target);
    }
    let origin = json!({
        "id": exported.id,
        "server": target.export.origin,
        "position": exported.position,
        "recorded_at": exported.recorded_at,
        "live": exported.live,
    });
    content.data.entry("origin").or_insert(origin);
    let kind = exported.kind.clone().filter(|kind| is_allowed(kind, is_state)).unwrap_or(Kind::UNKNOWN);
    Some(NewFact { id, source, kind, content })
}

/// The log's own kinds say something only as state facts.
fn is_allowed(kind: &Kind, is_state: bool) -> bool {
    *kind != Kind::ERASURE && (is_state || ![Kind::STATE, Kind::CORRECTION].contains(kind))
}

/// What a state fact is about here: entries that had been typed for another incident and were
/// moved or counted to this one are about this one now. Nothing if it corrects a fact that is not
/// part of the export: that one may be here and not be seen.
fn home(entity: EntityId, exported: &ExportedFact, target: &Target<'_>) -> Option<EntityId> {
    let is_correction =
        exported.data.get("event").is_some_and(|event| event.pointer("/what/amended").is_some());
    let is_own = entity == exported.id.into();
    match target.facts.get(&FactId(entity.0)) {
        Some(here) if is_correction || is_own => Some((*here).into()),
        None if is_correction => None,
        _ => Some(target.incident),
    }
}

fn called(id: FactId, target: &Target<'_>) -> FactId {
    target.facts.get(&id).copied().unwrap_or(id)
}

/// Puts the ids of this server in the place of those that differ.
fn rename(event: &mut Value, names: &Names) {
    match event {
        Value::String(text) => {
            if let Some(here) = names.ids.get(text) {
                text.clone_from(here);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Value::Object(map) => map.values_mut().for_each(|item| rename(item, names)),
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
