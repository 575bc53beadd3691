//! Erasure: what a store is asked to remove, and what it did.

use fact::{FactId, ReplacedEvent, SourceId, Timestamp};

use crate::StoreError;

/// Facts that a person wants removed.
#[derive(Debug, Clone)]
pub struct RedactRequest {
    /// Which; all revisions of each go, and all facts whose `about` names one of them and that are
    /// no state facts.
    pub facts: Vec<FactId>,
    /// State facts among them, with their texts blanked, by the server.
    pub replaced: Vec<ReplacedEvent>,
    /// Why.
    pub why: String,
    /// By whom, for the record.
    pub actor: String,
    /// The id of the erasure fact.
    pub id: FactId,
    /// When.
    pub at: Timestamp,
}

/// What a redaction did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// Position of the erasure fact.
    pub position: u64,
    /// How many facts are gone.
    pub count: u64,
    /// Their ids, in order of position.
    pub ids: Vec<FactId>,
}

/// What a source's retention no longer allows.
#[derive(Debug, Clone)]
pub struct ExpireRequest {
    /// The source.
    pub source: SourceId,
    /// Facts recorded before this go ...
    pub recorded_before: Timestamp,
    /// ... except evidence (alerts, changes, actions, ...: [`Kind::is_evidence`](fact::Kind)) that
    /// happened or was recorded inside one of these, ends included, ...
    pub keep_evidence: Vec<(Timestamp, Timestamp)>,
    /// ... and everything inside one of these (incidents still under investigation), ...
    pub keep_all: Vec<(Timestamp, Timestamp)>,
    /// ... and these.
    pub keep_facts: Vec<FactId>,
    /// In words: `retention of 30 days`.
    pub why: String,
}

/// What an expiry did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expired {
    /// How many facts are gone.
    pub count: u64,
    /// How many erasure facts say so.
    pub records: u64,
}

/// A store can't erase what was asked. Nothing of it was erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// There is no such fact.
    #[error("there is no fact {0}")]
    NoSuchFact(FactId),
    /// A state fact needs its blanked replacement.
    #[error("fact {0} changes state and can't go without a replacement")]
    NeedsReplacement(FactId),
    /// The log's own facts (erasures) stay.
    #[error("fact {0} is the record of an erasure and stays")]
    IsRecord(FactId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
