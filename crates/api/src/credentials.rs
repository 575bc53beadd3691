//! How people and programs prove who they are.

use fact::{PersonId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::PersonRef;

/// A person with a one-time link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Invited {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// What to open, once.
    pub url: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenScope {
    /// Reads what its person may read.
    Read,
    /// Does what its person may do.
    Act,
    /// Writes facts of its source.
    Record,
}

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// Names it.
    #[schemars(with = "String")]
    pub id: uuid::Uuid,
    /// What it is for.
    pub label: String,
    /// What it may do.
    pub scope: TokenScope,
    /// Whose, if a person's.
    pub person: Option<PersonRef>,
    /// Whose, if a source's.
    pub source: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when; `None`: until revoked.
    pub expires_at: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub last_used: Option<Timestamp>,
}

/// A token with its secret, told once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewToken {
    /// What it is.
    #[serde(flatten)]
    pub about: Token,
    /// The secret.
    pub token: String,
}

/// A browser's session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// Names it.
    pub session: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was used last.
    pub last_used: Timestamp,
    /// Until when, if it is not used.
    pub expires_at: Timestamp,
    /// The browser as it names itself.
    pub agent: String,
    /// Whether the request came by it.
    pub is_this: bool,
}
