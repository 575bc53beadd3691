//! What state facts say. The event is kept in the fact's `data.event`.

use fact::{EntityId, FactId, NewFact, Timestamp};
use serde_json::Value;

/// A state fact, as the fold reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct StateFact {
    /// Position in the log.
    pub position: u64,
    /// When the log took it.
    pub recorded_at: Timestamp,
    /// Its id.
    pub id: FactId,
    /// What it is about.
    pub entity: EntityId,
    /// 1, 2, 3 ... per entity.
    pub version: u64,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The event, as JSON: an [`Event`], or one that this version does not know.
    pub event: Value,
}

impl StateFact {
    /// From a stored fact; `None` if it is not a state fact.
    pub fn of(stored: &fact::StoredFact) -> Option<Self> {
        let NewFact { id, content, .. } = &stored.fact;
        Some(StateFact {
            position: stored.position,
            recorded_at: stored.recorded_at,
            id: *id,
            entity: content.entity?,
            version: content.version?,
            occurred_at: content.occurred_at,
            event: content.data.get("event").cloned().unwrap_or(Value::Null),
        })
    }
}

/// PLACEHOLDER to be completed.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {}
