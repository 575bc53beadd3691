//! What deliveries and batches of facts answer; the lines themselves are read by intake.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LineStatus {
    /// It is in the log, durably.
    Stored,
    /// It was there already.
    Known,
    /// It was not kept.
    Refused,
}

/// The answer to one line, in the order of the lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineReply {
    /// The id under which it is in the log, or what the refused line gave as one.
    pub id: Option<String>,
    /// Its position.
    pub position: Option<u64>,
    /// What became of it.
    pub status: LineStatus,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// The answer to a webhook's delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivered {
    /// How many facts are new in the log, durably.
    pub stored: u64,
    /// How many were there already.
    pub known: u64,
    /// How many were not kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refused: u64,
    /// What was odd about it, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<String>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
