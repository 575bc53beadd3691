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
