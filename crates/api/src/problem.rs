//! RFC 9457 problem documents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What failed, why, and what to do; also printed by the command line with `--json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// `urn:deadstick:problem:CODE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// A stable word for it: `already-closed`.
    pub code: String,
    /// What is wrong, in a sentence.
    pub title: String,
    /// More about this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What to choose from, where the request was ambiguous.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

impl Problem {
    /// A problem with a stable code and a sentence.
    pub fn new(status: u16, code: &str, title: impl Into<String>) -> Self {
        Problem {
            kind: format!("urn:deadstick:problem:{code}"),
            status,
            code: code.into(),
            title: title.into(),
            detail: None,
            hint: None,
            choices: Vec::new(),
        }
    }
}
