//! People, as others see them.

use fact::PersonId;
use incident::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person, as named on a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonRef {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// How sources call them: `handle` or `handle@source`, only of sources that the reader sees.
    pub handles: Vec<String>,
    /// Whether they can log in.
    pub active: bool,
}

/// Two that may be one, with the reason; only people say whether they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "alike", rename_all = "kebab-case")]
pub enum Alike {
    /// A handle may be a person's: `add-handle` says so.
    Handle {
        /// The person.
        person: PersonRef,
        /// The handle.
        handle: String,
        /// The source that told of it.
        source: String,
        /// Why, in a few words.
        reason: String,
    },
    /// Two people may be one: `join-people` says so.
    People {
        /// Who was added first.
        into: PersonRef,
        /// Who may be the same.
        other: PersonRef,
        /// Why, in a few words.
        reason: String,
    },
}
