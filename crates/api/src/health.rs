//! How recording goes.

use fact::Timestamp;
use incident::SourceKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a source's recording goes, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HealthState {
    /// It records.
    Ok,
    /// Nothing came for much longer than usual.
    Silent,
    /// Nothing came yet.
    New,
    /// Its last delivery was refused or failed.
    Failing,
}

/// How a source's recording goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceHealth {
    /// The source's name.
    pub source: String,
    /// What it speaks.
    pub kind: SourceKind,
    /// In one word.
    pub state: HealthState,
    /// In a sentence, with what to do if it is not well.
    pub says: String,
    /// How many facts it has in the log, erased ones included.
    pub facts: u64,
    /// When the last one was recorded.
    pub last_recorded: Option<Timestamp>,
    /// When the last one had happened.
    pub last_occurred: Option<Timestamp>,
    /// The median time from happening to being recorded, in milliseconds.
    pub lag_ms: Option<i64>,
    /// By how much its clock seems to be ahead, in milliseconds; behind if negative.
    pub clock_ahead_ms: Option<i64>,
    /// Deliveries since the server started.
    pub deliveries: u64,
    /// Deliveries or facts that were refused since the server started.
    pub refused: u64,
    /// What was wrong the last time.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<Timestamp>,
}
