//! An incident on its way to another server; the normative text is docs/formats/export.md.

use fact::{EntityId, FactId, Kind, SourceId, Timestamp};
use incident::SourceKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{IncidentView, PersonRef};

/// Names the format and its version.
pub const FORMAT: &str = "deadstick-export/1";

/// An incident with everything of it that its reader may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Export {
    /// [`FORMAT`].
    pub format: String,
    /// The server that it comes from.
    pub origin: String,
    /// When it was made.
    pub exported_at: Timestamp,
    /// The incident as it stood, to read; an import folds `facts` instead.
    pub incident: IncidentView,
    /// Everybody who is named by id.
    pub people: Vec<PersonRef>,
    /// Every source that a fact comes from.
    pub sources: Vec<ExportedSource>,
    /// Recorded facts, the incident's state facts and corrections, by position.
    pub facts: Vec<ExportedFact>,
}

/// A source, as far as others need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportedSource {
    /// Its id.
    pub id: SourceId,
    /// Its name.
    pub name: String,
    /// What it speaks.
    pub kind: SourceKind,
    /// Whether it was private: then it is where it is imported, too.
    #[serde(default)]
    pub private: bool,
}

/// One revision of one fact, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportedFact {
    /// Its id.
    pub id: FactId,
    /// Its position in the log that it comes from.
    pub position: u64,
    /// When that log took it.
    pub recorded_at: Timestamp,
    /// Its source.
    pub source: SourceId,
    /// What sort of thing it tells; `None` if it was redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The source's own name for it; `None` if it was redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native_id: Option<String>,
    /// 0 for the first telling.
    #[serde(default, skip_serializing_if = "is_default")]
    pub revision: u32,
    /// When it happened, as told, not as corrected.
    pub occurred_at: Timestamp,
    /// Zone in which the source told the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// How far off the time may be, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty_s: Option<u32>,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What happened, as told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What belongs together within the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// When the interval began that it asserts for its thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_begin: Option<Timestamp>,
    /// When that interval ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_end: Option<Timestamp>,
    /// Recorded as it happened.
    #[serde(default, skip_serializing_if = "is_default")]
    pub live: bool,
    /// What a state fact or correction is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<EntityId>,
    /// 1, 2, 3 ... per entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The facts that it quotes or points at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<FactId>,
    /// What the source told besides; of a state fact the event.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    /// The payload as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// It was removed for good; nothing but this stub is left.
    #[serde(default, skip_serializing_if = "is_default")]
    pub redacted: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Imported {
    /// `INC-12`, as it is called here.
    pub incident: String,
    /// Its page.
    pub url: String,
    /// Facts that were not here before.
    pub stored: u64,
    /// Facts that were.
    pub known: u64,
    /// Facts that were left out: older than their source's retention, or no part of an incident.
    #[serde(default)]
    pub refused: u64,
    /// What was left out, and why.
    pub notes: Vec<String>,
}
