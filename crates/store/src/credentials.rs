//! Secrets of people and sources: kept as digests only, outside the log, changed in place.

use std::fmt;

use async_trait::async_trait;
use fact::{PersonId, SourceId, Timestamp};

use crate::StoreError;

/// A secret as somebody shows it. Never printed, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// SHA-256 of a secret of at least 128 random bits: looked up by, never reversed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretHash(pub [u8; 32]);

/// A one-time link for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Digest of what the link carries.
    pub hash: SecretHash,
    /// For whom.
    pub person: PersonId,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// A browser's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Digest of the cookie.
    pub hash: SecretHash,
    /// Whose.
    pub person: PersonId,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_used: Timestamp,
    /// The browser as it names itself, at most 200 characters.
    pub agent: String,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenScope {
    /// Reads what its person may read.
    Read,
    /// Does what its person may do.
    Act,
    /// Writes facts of its source.
    Record,
}

/// A token for the API: one person's or one source's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Names it, to list and revoke: not secret.
    pub id: uuid::Uuid,
    /// Digest of the token.
    pub hash: SecretHash,
    /// What it is for, as its maker said.
    pub label: String,
    /// What it may do.
    pub scope: TokenScope,
    /// Whose, if a person's.
    pub person: Option<PersonId>,
    /// Whose, if a source's.
    pub source: Option<SourceId>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when; `None`: until revoked.
    pub expires_at: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub last_used: Option<Timestamp>,
}

/// Keeping digests of secrets.
#[async_trait]
pub trait Credentials: Send + Sync + 'static {
    /// Keeps a one-time link.
    async fn add_invite(&self, invite: Invite) -> Result<(), StoreError>;
    /// Uses a one-time link up: a second use finds nothing.
    async fn take_invite(&self, hash: SecretHash, now: Timestamp) -> Result<Option<PersonId>, StoreError>;
    /// Looks at a one-time link without using it up.
    async fn invite(&self, hash: SecretHash, now: Timestamp) -> Result<Option<PersonId>, StoreError>;
    /// Keeps a session.
    async fn add_session(&self, session: Session) -> Result<(), StoreError>;
    /// A session that has not expired.
    async fn session(&self, hash: SecretHash, now: Timestamp) -> Result<Option<Session>, StoreError>;
    /// Puts a new cookie in the place of an old one; the old one works until `grace`.
    async fn rotate_session(&self, old: SecretHash, new: Session, grace: Timestamp)
    -> Result<(), StoreError>;
    /// Notes that a session was used.
    async fn touch_session(&self, hash: SecretHash, at: Timestamp) -> Result<(), StoreError>;
    /// A person's sessions.
    async fn sessions(&self, person: PersonId) -> Result<Vec<Session>, StoreError>;
    /// Ends one session.
    async fn end_session(&self, hash: SecretHash) -> Result<(), StoreError>;
    /// Ends all sessions, links and tokens of a person.
    async fn end_person(&self, person: PersonId) -> Result<(), StoreError>;
    /// Keeps a token.
    async fn add_token(&self, token: Token) -> Result<(), StoreError>;
    /// A token that has not expired.
    async fn token(&self, hash: SecretHash, now: Timestamp) -> Result<Option<Token>, StoreError>;
    /// Notes that a token was used.
    async fn touch_token(&self, id: uuid::Uuid, at: Timestamp) -> Result<(), StoreError>;
    /// All tokens.
    async fn tokens(&self) -> Result<Vec<Token>, StoreError>;
    /// Revokes a token; `false` if there is none.
    async fn revoke_token(&self, id: uuid::Uuid) -> Result<bool, StoreError>;
}
