//! Writing: one append-only log.

use std::sync::Arc;

use async_trait::async_trait;
use fact::{Digest, FactId, NewFact, StoredFact, Timestamp};
use tokio::sync::broadcast;

use crate::{EraseError, ExpireRequest, Expired, RedactRequest, Redacted, StoreError};

/// What became of one fact of an append.
#[derive(Debug, Clone, PartialEq)]
pub enum Receipt {
    /// It is in the log now, durably.
    Stored {
        /// Where.
        position: u64,
        /// When.
        recorded_at: Timestamp,
    },
    /// It was there already: same id, or same source, native id and revision. Nothing was added.
    Known {
        /// Where it is.
        position: u64,
        /// The id under which it is there.
        id: FactId,
    },
    /// It can't be kept; the others of the append are.
    Refused(Refusal),
}

/// Why the log refuses one fact.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Too large, or a time that can't be.
    #[error(transparent)]
    OutOfBounds(#[from] fact::OutOfBounds),
    /// Another fact has this id.
    #[error("id {0} belongs to another fact already")]
    IdTaken(FactId),
    /// Somebody else appended this version of the entity first.
    #[error("version {version} of {entity} is taken: it was changed meanwhile")]
    VersionTaken {
        /// The entity.
        entity: fact::EntityId,
        /// The version.
        version: u64,
    },
}

/// The log's proof: its size and the root over all leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many positions there are.
    pub size: u64,
    /// The root of RFC 6962's tree over them.
    pub root: Digest,
}

/// Facts of one commit, in order of position, as told to subscribers.
pub type Commit = Arc<[StoredFact]>;

/// What `verify` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everything fits together.
    Whole(Head),
    /// The first position at which something does not.
    Broken {
        /// Where; 0 if it can't be told for one position.
        position: u64,
        /// What.
        what: String,
    },
}

/// Writing to the log.
#[async_trait]
pub trait Log: Send + Sync + 'static {
    /// Appends facts; returns when all that was stored is durable. One receipt a fact, in order.
    ///
    /// State facts of one append (those with an entity) are stored all or none.
    async fn append(&self, facts: Vec<NewFact>) -> Result<Vec<Receipt>, StoreError>;

    /// Tells every commit from now on, in order. A slow subscriber is told how many it missed.
    fn subscribe(&self) -> broadcast::Receiver<Commit>;

    /// The head as of the last commit.
    async fn head(&self) -> Result<Head, StoreError>;

    /// Removes chosen facts, all their revisions, what quotes them, and every trace in files.
    async fn redact(&self, request: RedactRequest) -> Result<Redacted, EraseError>;

    /// Removes what a source's retention no longer allows, in steps; returns when no trace is left.
    async fn expire(&self, request: ExpireRequest) -> Result<Expired, EraseError>;
}
