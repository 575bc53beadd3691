//! The envelope: what every fact carries, whatever its source.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{EntityId, FactId, Kind, SourceId, Timestamp};

/// An interval that a fact asserts for its thread: an alert's firing time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// When it began.
    #[serde(with = "micros")]
    pub begin: Timestamp,
    /// When it ended; `None` while it lasts.
    #[serde(with = "micros::option", default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
}

/// The erasable part of a fact; its serialization is what is stored and hashed.
///
/// The order of the fields is part of the format (docs/formats/fact.md).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The source's own name for the fact; same source and native id = same fact.
    pub native_id: String,
    /// 0 for the first telling, more for an edit of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub revision: u32,
    /// When it happened.
    #[serde(with = "micros")]
    pub occurred_at: Timestamp,
    /// IANA name or offset of the zone in which the source told the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// How far off the time may be, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty_s: Option<u32>,
    /// Who: the handle as the source wrote it, or a person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What happened, in one line where possible.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What belongs together within the source: an alert's fingerprint, a chat thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// The interval that this fact asserts for its thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// Recorded as it happened, as opposed to imported afterwards.
    #[serde(default, skip_serializing_if = "is_default")]
    pub live: bool,
    /// What a state fact is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<EntityId>,
    /// 1, 2, 3 ... per entity, without gaps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The facts that this one quotes or points at; redaction of those reaches this one's copy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<FactId>,
    /// What the source told besides, by name.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    /// The payload as it came, as text; bytes that are no UTF-8 are in `data.raw_base64`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// The part of a state fact's content that state is folded from: the same bytes, read without the rest.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StateContent {
    /// When it happened.
    #[serde(with = "micros")]
    pub occurred_at: Timestamp,
    /// What it is about.
    #[serde(default)]
    pub entity: Option<EntityId>,
    /// 1, 2, 3 ... per entity, without gaps.
    #[serde(default)]
    pub version: Option<u64>,
    /// What the source told besides.
    #[serde(default)]
    pub data: StateData,
}

/// The part of a state fact's data that state is folded from.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct StateData {
    /// The event; null if there is none.
    #[serde(default)]
    pub event: Value,
}

impl Content {
    /// A content with a native id, a time and a text, and nothing else.
    pub fn new(native_id: impl Into<String>, occurred_at: Timestamp, text: impl Into<String>) -> Self {
        Content {
            native_id: native_id.into(),
            revision: 0,
            occurred_at,
            zone: None,
            uncertainty_s: None,
            actor: None,
            text: text.into(),
            thread: None,
            span: None,
            live: false,
            entity: None,
            version: None,
            about: Vec::new(),
            data: Map::new(),
            raw: None,
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A fact on its way into the log.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFact {
    /// Chosen by the writer: the same id again is the same fact.
    pub id: FactId,
    /// Where it comes from.
    pub source: SourceId,
    /// What sort of thing it tells.
    pub kind: Kind,
    /// The rest.
    pub content: Content,
}

/// A fact in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredFact {
    /// 1, 2, 3 ... in commit order, without gaps.
    pub position: u64,
    /// When the log took it.
    pub recorded_at: Timestamp,
    /// The fact.
    pub fact: NewFact,
}

/// A fact is too large, or says a time that can't be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutOfBounds {
    /// A part is larger than its limit.
    #[error("`{field}` has {len} bytes, more than the {max} allowed")]
    TooLong {
        /// Which part.
        field: &'static str,
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        max: usize,
    },
    /// A time lies outside 1970 to 2200.
    #[error("`{field}` is {at}, outside 1970-01-01 to 2200-01-01")]
    Time {
        /// Which time.
        field: &'static str,
        /// The time given.
        at: Timestamp,
    },
    /// A text holds a NUL character.
    #[error("`{field}` holds a NUL character")]
    Nul {
        /// Which part.
        field: &'static str,
    },
    /// A part must not be empty.
    #[error("`{field}` is empty")]
    Empty {
        /// Which part.
        field: &'static str,
    },
}

/// How large the parts of a fact may be, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Limits;

impl Limits {
    /// Native ids, actors, threads.
    pub const NAME: usize = 1_024;
    /// Text: 64 kB.
    pub const TEXT: usize = 65_536;
    /// Data, as JSON: 256 kB.
    pub const DATA: usize = 262_144;
    /// The payload as it came: 1 MB.
    pub const RAW: usize = 1_048_576;

    /// Checks a fact against the limits; every store and intake calls this before anything is kept.
    pub fn check(fact: &NewFact) -> Result<(), OutOfBounds> {
        let content = &fact.content;
        if content.native_id.is_empty() {
            return Err(OutOfBounds::Empty { field: "native_id" });
        }
        let parts = [
            ("native_id", Some(content.native_id.as_str()), Self::NAME),
            ("zone", content.zone.as_deref(), Self::NAME),
            ("actor", content.actor.as_deref(), Self::NAME),
            ("thread", content.thread.as_deref(), Self::NAME),
            ("text", Some(content.text.as_str()), Self::TEXT),
        ];
        for (field, text, max) in parts {
            let Some(text) = text else { continue };
            if text.len() > max {
                return Err(OutOfBounds::TooLong { field, len: text.len(), max });
            }
            if text.contains('\0') {
                return Err(OutOfBounds::Nul { field });
            }
        }
        if let Some(raw) = &content.raw
            && raw.len() > Self::RAW
        {
            return Err(OutOfBounds::TooLong { field: "raw", len: raw.len(), max: Self::RAW });
        }
        let data = content.data.iter().map(|(key, value)| key.len() + json_len(value)).sum::<usize>();
        if data > Self::DATA {
            return Err(OutOfBounds::TooLong { field: "data", len: data, max: Self::DATA });
        }
        let mut times = vec![("occurred_at", content.occurred_at)];
        if let Some(span) = content.span {
            times.push(("span.begin", span.begin));
            times.extend(span.end.map(|end| ("span.end", end)));
        }
        match times.into_iter().find(|(_, at)| !at.is_in_bounds()) {
            Some((field, at)) => Err(OutOfBounds::Time { field, at }),
            None => Ok(()),
        }
    }
}

/// About the length of a value as JSON, without writing it.
fn json_len(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 20,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|item| json_len(item) + 1).sum::<usize>(),
        Value::Object(map) => 2 + map.iter().map(|(key, item)| key.len() + json_len(item) + 4).sum::<usize>(),
    }
}

/// Times inside the content are whole microseconds.
mod micros {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::Timestamp;

    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.micros())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp::from_micros)
    }

    pub mod option {
        use serde::{Deserialize, Deserializer, Serializer};

        use crate::Timestamp;

        pub fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => serializer.serialize_some(&at.micros()),
                None => serializer.serialize_none(),
            }
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Timestamp>, D::Error> {
            Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp::from_micros))
        }
    }
}
