//! People: one person, many handles.

use std::collections::BTreeSet;

use fact::{EntityId, PersonId, SourceId};
use serde::{Deserialize, Serialize};

use crate::Role;

/// A name by which a source knows a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Handle {
    /// In this source only; everywhere if `None`.
    pub source: Option<SourceId>,
    /// As the source writes it.
    pub text: String,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their name, unique.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// How sources call them.
    pub handles: BTreeSet<Handle>,
    /// Another id under which they live on.
    pub joined_into: Option<PersonId>,
    /// Whether they can log in.
    pub active: bool,
    /// How many facts were folded into them.
    pub version: u64,
    /// Set by an event that this version does not know.
    pub read_only: Option<String>,
}

impl Person {
    /// As the entity of state facts.
    pub fn entity(&self) -> EntityId {
        self.id.into()
    }
}
