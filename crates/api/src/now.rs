//! How it stands right now.

use fact::{FactId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{IncidentView, PersonRef, SourceHealth, TemporaryMeasure};

/// Open incidents, what fires, temporary measures still in place, how recording goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Now {
    /// When this was read.
    pub at: Timestamp,
    /// The last position of the log that this was read at: where to go on listening.
    pub position: u64,
    /// Incidents that are not closed, newest start first.
    pub open: Vec<IncidentView>,
    /// Alerts that fire, newest first.
    pub firing: Vec<Firing>,
    /// More alerts fire than are listed.
    pub more_firing: bool,
    /// Temporary measures still in place, also of closed incidents, oldest first.
    pub temporary: Vec<TemporaryMeasure>,
    /// Entries that belong to no incident yet, oldest first.
    pub unassigned: Vec<Unassigned>,
    /// How each source's recording goes.
    pub sources: Vec<SourceHealth>,
}

/// An alert that fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Firing {
    /// Since when.
    pub since: Timestamp,
    /// The fact that began it.
    pub fact: FactId,
    /// Its source's name.
    pub source: String,
    /// What fires.
    pub text: String,
    /// The alert's own identity.
    pub thread: Option<String>,
}

/// A `did`, `note` or `why` that belongs to no incident yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unassigned {
    /// The entry.
    pub fact: FactId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonRef,
    /// What it says.
    pub text: String,
}
