//! Erasure: what a redaction or an expiry leaves behind in the log.
//!
//! Every erased position is accounted for by exactly one erasure fact (kind `erasure`, entity
//! [`EntityId::LOG`](crate::EntityId::LOG), the record in `data`); `verify` checks it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{EntityId, FactId, SourceId, Timestamp};

/// What was erased, how much and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "erasure", rename_all = "snake_case")]
pub enum Erasure {
    /// Chosen facts were removed by a person.
    Redaction(Redaction),
    /// A source's retention ran out.
    Expiry(Expiry),
}

/// Chosen facts, removed by a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Redaction {
    /// Which, in order of position.
    pub facts: Vec<Erased>,
    /// The reason given.
    pub why: String,
    /// State facts among them, with their texts blanked, so that the state can still be rebuilt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<ReplacedEvent>,
}

/// What is left of a redacted fact: enough to recognise it, nothing of what it said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Erased {
    /// Its position.
    pub position: u64,
    /// Its id.
    pub id: FactId,
    /// Its source.
    pub source: SourceId,
    /// When it had happened.
    pub occurred_at: Timestamp,
    /// When the log had taken it.
    pub recorded_at: Timestamp,
    /// What it was about, if it was a state fact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<EntityId>,
    /// Its identity (32 hexadecimal digits) and revision, so that re-sending adds nothing.
    pub identity: String,
    /// Its revision.
    pub revision: u32,
}

/// A redacted state fact, texts blanked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplacedEvent {
    /// The position that it stands for.
    pub position: u64,
    /// What it is about.
    pub entity: EntityId,
    /// Its version.
    pub version: u64,
    /// The event, without its texts.
    pub event: Value,
}

/// A run of one source's facts whose retention ran out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expiry {
    /// The source.
    pub source: SourceId,
    /// First position that may be erased.
    pub from_position: u64,
    /// Last position that may be erased.
    pub to_position: u64,
    /// Erased are facts recorded before this.
    pub recorded_before: Timestamp,
    /// How many were erased; the rest of the range belongs to others or is kept.
    pub count: u64,
    /// Earliest and latest time at which one of them had happened.
    pub occurred: (Timestamp, Timestamp),
    /// Tiles of which nothing is left but their root, with that root (64 hexadecimal digits).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiles: Vec<(u64, String)>,
    /// The reason, in words: `retention of 30 days`.
    pub why: String,
}
