//! One fact with everything known about it.

use fact::{FactId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Row;

/// One fact: as a line, all its tellings, the payloads as they came, and where it lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactView {
    /// The fact as a line of a timeline.
    #[serde(flatten)]
    pub row: Row,
    /// The source's own name for it.
    pub native_id: Option<String>,
    /// Every telling, oldest first; empty if it was redacted.
    pub revisions: Vec<Revision>,
    /// The facts that it quotes or points at.
    pub about: Vec<FactId>,
    /// The incidents in which it lies, of those that the reader sees.
    pub incidents: Vec<String>,
}

/// One telling of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revision {
    /// The id of this telling.
    pub id: FactId,
    /// 0 for the first.
    pub revision: u32,
    /// Its position in the log.
    pub position: u64,
    /// When it happened, as this telling says.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who.
    pub actor: Option<String>,
    /// What.
    pub text: String,
    /// What the source told besides, by name.
    pub data: Map<String, Value>,
    /// The payload as it came.
    pub raw: Option<String>,
}
