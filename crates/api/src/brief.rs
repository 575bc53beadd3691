//! What somebody needs who joins late or takes over command.

use fact::{FactId, Timestamp};
use incident::ResultOutcome;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Incident, Question, RoleHolder, StatusUpdate, TemporaryMeasure};

/// State, what was tried and what came of it, who is on what, temporary measures, next update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    /// The incident.
    pub incident: Incident,
    /// When this was read.
    pub at: Timestamp,
    /// The last status update.
    pub last_update: Option<StatusUpdate>,
    /// When the next one is due.
    pub next_update_due: Option<Timestamp>,
    /// Who is on what.
    pub roles: Vec<RoleHolder>,
    /// Affected services.
    pub services: Vec<String>,
    /// What was tried, in order of time.
    pub tried: Vec<BriefAction>,
    /// Temporary measures still in place.
    pub temporary: Vec<TemporaryMeasure>,
    /// Parked questions.
    pub questions: Vec<Question>,
    /// All of it as plain text, to read out or to paste.
    pub text: String,
}

/// Something that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefAction {
    /// The action.
    pub fact: FactId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Option<String>,
    /// What.
    pub text: String,
    /// What came of it.
    pub results: Vec<BriefResult>,
}

/// What came of something that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefResult {
    /// The result.
    pub fact: FactId,
    /// What it shows.
    pub outcome: ResultOutcome,
    /// In words.
    pub text: String,
    /// A person said so, as opposed to a proposal.
    pub confirmed: bool,
}
