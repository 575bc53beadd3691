//! What state facts say. The event is kept in the fact's `data.event`.

use std::collections::BTreeSet;

use fact::{EntityId, FactId, NewFact, PersonId, SourceId, StateContent, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Because, IncidentRole, Mapping, ResultOutcome, Role, SourceKind};

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
    /// The event, as JSON: a [`Recorded`], or one that this version does not know.
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

    /// From what was read of a stored fact, for rebuilding.
    pub fn from_content(
        position: u64,
        recorded_at: Timestamp,
        id: FactId,
        content: StateContent,
    ) -> Option<Self> {
        Some(StateFact {
            position,
            recorded_at,
            id,
            entity: content.entity?,
            version: content.version?,
            occurred_at: content.occurred_at,
            event: content.data.event,
        })
    }

    /// Like [`StateFact::of`] without a copy of the event.
    pub fn from_stored(mut stored: fact::StoredFact) -> Option<Self> {
        let event = stored.fact.content.data.remove("event");
        let mut told = StateFact::of(&stored)?;
        told.event = event.unwrap_or(Value::Null);
        Some(told)
    }
}

/// An event and who caused it: `{"by": person, "what": {"did": {...}}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// By whom.
    pub by: PersonId,
    /// What happened.
    pub what: Event,
}

impl Recorded {
    /// Reads an event; the error is the reason why its entity becomes read-only.
    pub fn read(event: &Value) -> Result<Self, String> {
        Recorded::deserialize(event).map_err(|error| {
            let what = event.get("what").and_then(|what| match what {
                Value::String(name) => Some(name.as_str()),
                Value::Object(map) => map.keys().next().map(String::as_str),
                _ => None,
            });
            let name: String = what.unwrap_or("without a name").chars().take(64).collect();
            let error = error.to_string();
            let error: String =
                error.split(", expected").next().unwrap_or_default().chars().take(200).collect();
            format!("an event that this version can't read ({name}): {error}")
        })
    }
}

/// What happened to an entity. Names and fields are part of the log's format: they can be added to,
/// never changed. An unknown variant or field makes the entity read-only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the commands of the same name")]
pub enum Event {
    /// An incident was declared; the fact's time is when.
    Declared {
        number: u64,
        title: String,
        severity: u8,
        started_at: Timestamp,
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        services: BTreeSet<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        members: Option<BTreeSet<PersonId>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_id: Option<String>,
    },
    /// Its title was changed.
    Retitled { title: String },
    /// Its severity was changed.
    SeveritySet {
        severity: u8,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// When it began was corrected.
    Began { at: Timestamp },
    /// A role was taken, or given up.
    RoleSet {
        role: IncidentRole,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
    },
    /// Command was handed over, with the brief as it was read.
    HandedOver { to: PersonId, brief: String },
    /// Impact is over; the fact's time is when.
    Mitigated {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// It was closed; the fact's time is when.
    Closed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// It was not over after all.
    Reopened {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// It was told how it stands.
    StatusTold {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_due: Option<Timestamp>,
    },
    /// Affected services were added and removed.
    ServicesChanged {
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        add: BTreeSet<String>,
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        remove: BTreeSet<String>,
    },
    /// Who was hit.
    ImpactSet {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        who: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        how_known: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<FactId>,
    },
    /// When and by what it was noticed.
    DetectionSet {
        at: Timestamp,
        by_what: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<FactId>,
    },
    /// Somebody did something.
    Did {
        text: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        temporary: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Because>,
    },
    /// Somebody remarked something.
    Noted { text: String },
    /// Somebody asked something, for the investigation.
    Asked { text: String },
    /// Somebody told what came of an action.
    ResultTold {
        action: FactId,
        outcome: ResultOutcome,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
    },
    /// Somebody confirmed or denied that a fact is the result of an action.
    Judged {
        action: FactId,
        result: FactId,
        outcome: ResultOutcome,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<String>,
        confirmed: bool,
    },
    /// A temporary measure is gone, or accepted by name.
    Settled {
        measure: FactId,
        accepted: bool,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
    },
    /// Facts belong to this incident, wherever they lie.
    MovedIn { facts: BTreeSet<FactId> },
    /// Facts don't belong to this incident.
    MovedOut { facts: BTreeSet<FactId> },
    /// An entry was taken back.
    Undone {
        fact: FactId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A fact was starred, or its star taken away.
    Starred { fact: FactId, on: bool },
    /// A fact was hidden, or shown again.
    Hidden { fact: FactId, on: bool },
    /// It is a double of another incident.
    SameAs { incident: EntityId },
    /// The ends of its window were set.
    WindowSet {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// It looks at these sources; at all that the declarer may see if empty.
    ScopeSet {
        #[serde(default)]
        sources: BTreeSet<SourceId>,
    },
    /// Who may see it; everybody if there are no members. Of incidents and sources.
    MembersSet {
        #[serde(default)]
        members: Option<BTreeSet<PersonId>>,
    },
    /// Time or text of a fact was corrected.
    Amended {
        fact: FactId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        occurred_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },

    /// A person was added.
    PersonAdded { name: String, role: Role },
    /// What a person may do was changed.
    PersonRoleSet { role: Role },
    /// A handle is this person's.
    HandleAdded {
        handle: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<SourceId>,
    },
    /// This person is another one, and lives on as that.
    JoinedInto { person: PersonId },
    /// This person left.
    Deactivated,

    /// A source was added.
    SourceAdded {
        kind: SourceKind,
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        members: Option<BTreeSet<PersonId>>,
    },
    /// How long its talk is kept was changed.
    RetentionSet {
        #[serde(default)]
        days: Option<u32>,
    },
    /// Where its payloads hold what was changed.
    Mapped { mapping: Mapping },
    /// Its secret was changed.
    Rotated,
}
