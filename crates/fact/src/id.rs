//! Identifiers: UUIDs chosen by the writer, so that a retry is recognised as one.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// Text that is not a UUID was given as an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id: expected a UUID such as 019ab3de-7a43-7c21-8f00-000000000001")]
pub struct ParseIdError(String);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The sixteen bytes, as stored.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// From sixteen stored bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError(text.into()))
            }
        }
    };
}

id!(
    /// Names one revision of one fact.
    FactId
);
id!(
    /// Names a source: a room, bridge, host or alert feed. Says nothing about people.
    SourceId
);
id!(
    /// Names a person.
    PersonId
);
id!(
    /// Names what a state fact is about: an incident, a person, a source, a corrected fact.
    EntityId
);

impl SourceId {
    /// The product's own source: what people and the server itself do.
    pub const OWN: SourceId = SourceId(Uuid::from_u128(0x6465_6164_7374_7063_8b00_0000_0000_0001));
}

impl EntityId {
    /// The log itself: erasures are state facts about it.
    pub const LOG: EntityId = EntityId(Uuid::from_u128(0x6465_6164_7374_7063_8b00_0000_0000_0002));
}

impl From<PersonId> for EntityId {
    fn from(id: PersonId) -> Self {
        EntityId(id.0)
    }
}

impl From<SourceId> for EntityId {
    fn from(id: SourceId) -> Self {
        EntityId(id.0)
    }
}

impl From<FactId> for EntityId {
    fn from(id: FactId) -> Self {
        EntityId(id.0)
    }
}

/// A version 7 UUID (RFC 9562, section 5.7) from a time and ten random bytes.
pub fn uuid_v7(at: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(at.micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
