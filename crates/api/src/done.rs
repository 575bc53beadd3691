//! What commands answer.

use fact::FactId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a command led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Done {
    /// The fact that stands for it.
    pub fact: FactId,
    /// `INC-1`, the incident that it is about.
    pub incident: Option<String>,
    /// The incidents that it could have been about, when it was kept unassigned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// Facts to remove for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedactionRequest {
    /// These facts, with all their revisions and everything that quotes them ...
    #[serde(default)]
    pub facts: Vec<FactId>,
    /// ... and all whose content holds this text, of those that the caller sees.
    #[serde(default)]
    pub containing: Option<String>,
    /// The reason; it stays in the log, so it must not repeat what is removed.
    pub why: String,
    /// Only tell what would go.
    #[serde(default)]
    pub dry_run: bool,
}

/// What a redaction did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RedactionDone {
    /// The position of the record of it; `None` if nothing was removed.
    pub position: Option<u64>,
    /// How many facts are gone, quotes and revisions included.
    pub count: u64,
    /// Which.
    pub facts: Vec<FactId>,
}
