//! Incidents.

use fact::{EntityId, FactId, Timestamp};
use incident::{Because, IncidentRole, Status, Window};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::PersonRef;

/// An incident. A contract: exactly these fields, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// Its id.
    pub id: EntityId,
    /// `INC-12`.
    pub incident: String,
    /// What is wrong, in one line.
    pub title: String,
    /// 1 (worst) to 5.
    pub severity: u8,
    /// Where it stands.
    pub status: Status,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was declared.
    pub declared_at: Timestamp,
    /// When impact was over.
    pub mitigated_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// The id under which another system knows it.
    pub external_id: Option<String>,
    /// Its page.
    pub url: String,
}

/// An incident with all that people said about it; `?view=full`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentView {
    /// The contract's fields.
    #[serde(flatten)]
    pub incident: Incident,
    /// How many state facts were folded into it: the `seen_version` of a command.
    pub version: u64,
    /// By whom it was declared.
    pub declared_by: PersonRef,
    /// The stretch of time whose facts belong to it.
    pub window: Window,
    /// The sources it is limited to, by name, of those that the reader sees; `None`: all.
    pub sources: Option<Vec<String>>,
    /// Whether only its members see it.
    pub private: bool,
    /// Its members, if it is private.
    pub members: Vec<PersonRef>,
    /// Who has which role.
    pub roles: Vec<RoleHolder>,
    /// Affected services.
    pub services: Vec<String>,
    /// Who was hit.
    pub impact: Option<Impact>,
    /// When and by what it was noticed.
    pub detection: Option<Detection>,
    /// How it stood, oldest first.
    pub updates: Vec<StatusUpdate>,
    /// When the next update is due.
    pub next_update_due: Option<Timestamp>,
    /// Parked questions, oldest first.
    pub questions: Vec<Question>,
    /// Temporary measures, settled ones included.
    pub temporary: Vec<TemporaryMeasure>,
    /// The incident that this one is a double of.
    pub same_as: Option<String>,
    /// The doubles of this one.
    pub doubles: Vec<String>,
    /// Why it can't be changed, if so.
    pub read_only: Option<String>,
    /// Loose ends, once it is closed.
    pub loose_ends: Vec<Loose>,
}

/// Who has a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleHolder {
    /// The role.
    pub role: IncidentRole,
    /// Who.
    pub person: PersonRef,
}

/// Who was hit and how one knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Impact {
    /// The fact that says so.
    pub fact: FactId,
    /// From.
    pub from: Option<Timestamp>,
    /// Until.
    pub until: Option<Timestamp>,
    /// Who was hit.
    pub who: String,
    /// How one knows.
    pub how_known: Option<String>,
    /// The fact that shows it.
    pub evidence: Option<FactId>,
}

/// When and by what it was noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Detection {
    /// The fact that says so.
    pub fact: FactId,
    /// When.
    pub at: Timestamp,
    /// By what.
    pub by: String,
    /// The fact that shows it.
    pub evidence: Option<FactId>,
}

/// How it stood, as told to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatusUpdate {
    /// The fact.
    pub fact: FactId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonRef,
    /// How it stood.
    pub text: String,
    /// When the next one was promised.
    pub next_due: Option<Timestamp>,
}

/// A question, parked for the investigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Question {
    /// The fact.
    pub fact: FactId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonRef,
    /// The question.
    pub text: String,
}

/// A measure that must be undone, or accepted by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TemporaryMeasure {
    /// The `did --temporary`.
    pub fact: FactId,
    /// `INC-12`, the incident in which it was taken; `None` if it is unassigned.
    pub incident: Option<String>,
    /// When it was taken.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonRef,
    /// What was done.
    pub text: String,
    /// Why it can't stay.
    pub because: Option<Because>,
    /// How it ended; `None` while it is in place.
    pub settled: Option<AcceptedOrUndone>,
}

/// How a temporary measure ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AcceptedOrUndone {
    /// The fact.
    pub fact: FactId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonRef,
    /// Accepted by name, as opposed to undone.
    pub accepted: bool,
    /// The reason, or how.
    pub text: String,
}

/// A loose end, shown at close: a source that fell silent, a gap, an action without a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Loose {
    /// `silent-source`, `gap`, `no-result`, `no-impact`, `no-detection`, `temporary`.
    pub what: String,
    /// In a sentence.
    pub text: String,
    /// The fact that it is about.
    pub fact: Option<FactId>,
}
