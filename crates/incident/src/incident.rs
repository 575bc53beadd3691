//! The incident, as folded from its facts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use fact::{EntityId, FactId, PersonId, SourceId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Because, ResultOutcome};

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// There is impact, or there may be.
    Open,
    /// Impact is over.
    Mitigated,
    /// Nothing more is to be done now.
    Closed,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Open => "open",
            Status::Mitigated => "mitigated",
            Status::Closed => "closed",
        })
    }
}

/// A role in one incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentRole {
    /// Decides.
    Commander,
    /// Speaks to everybody outside.
    Communications,
    /// Works on it.
    Operations,
    /// Writes along.
    Scribe,
}

impl fmt::Display for IncidentRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IncidentRole::Commander => "commander",
            IncidentRole::Communications => "communications",
            IncidentRole::Operations => "operations",
            IncidentRole::Scribe => "scribe",
        })
    }
}

/// The stretch of time whose facts belong to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// First moment.
    pub from: Timestamp,
    /// Last moment; `None` while the incident is not closed.
    pub until: Option<Timestamp>,
}

/// Which sources an incident looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All that this person may see.
    VisibleTo(PersonId),
    /// These.
    Only(BTreeSet<SourceId>),
}

/// How an incident stood, as told to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// The fact.
    pub fact: FactId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// How it stood.
    pub text: String,
    /// When the next one was promised.
    pub next_due: Option<Timestamp>,
}

/// Who was hit and how one knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// When and by what an incident was noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// A question, parked for the investigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The fact.
    pub fact: FactId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// The question.
    pub text: String,
}

/// What somebody said they did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionTaken {
    /// The fact.
    pub fact: FactId,
    /// When it was done.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// What.
    pub text: String,
    /// Set if it must be undone some day.
    pub temporary: Option<Temporary>,
}

/// A measure that must be undone, or accepted by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Temporary {
    /// Why it can't stay.
    pub because: Option<Because>,
    /// How it ended; `None` while it is in place.
    pub settled: Option<Settled>,
}

/// How a temporary measure ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The fact.
    pub fact: FactId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// Accepted by name, as opposed to undone.
    pub accepted: bool,
    /// The reason, or how.
    pub text: String,
}

/// An action and the fact that may be its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pair {
    /// The action.
    pub action: FactId,
    /// The result.
    pub result: FactId,
}

/// Somebody's word on a proposed result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The fact.
    pub fact: FactId,
    /// By whom.
    pub by: PersonId,
    /// What it shows.
    pub outcome: ResultOutcome,
    /// Yes or no.
    pub confirmed: bool,
}

/// An incident: a window over sources, plus state and people.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Its id.
    pub id: EntityId,
    /// 12 of `INC-12`.
    pub number: u64,
    /// How many facts were folded into it.
    pub version: u64,
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
    /// By whom.
    pub declared_by: PersonId,
    /// When impact was over.
    pub mitigated_at: Option<Timestamp>,
    /// Who said so.
    pub mitigated_by: Option<PersonId>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// By whom.
    pub closed_by: Option<PersonId>,
    /// The id under which another system knows it.
    pub external_id: Option<String>,
    /// Ends of the window, where set by hand.
    pub window_from: Option<Timestamp>,
    /// Ends of the window, where set by hand.
    pub window_until: Option<Timestamp>,
    /// Its sources.
    pub scope: Scope,
    /// Who may see it; `None`: everybody.
    pub members: Option<BTreeSet<PersonId>>,
    /// Who has which role.
    pub roles: BTreeMap<IncidentRole, PersonId>,
    /// Affected services.
    pub services: BTreeSet<String>,
    /// Who was hit.
    pub impact: Option<Impact>,
    /// When and by what it was noticed.
    pub detection: Option<Detection>,
    /// How it stood, oldest first.
    pub updates: Vec<StatusUpdate>,
    /// Parked questions, oldest first.
    pub questions: Vec<Question>,
    /// What was done, in order of time.
    pub actions: Vec<ActionTaken>,
    /// Results told in words, by action and the fact that tells.
    pub results: BTreeMap<Pair, ResultOutcome>,
    /// Words on proposed results.
    pub verdicts: BTreeMap<Pair, Verdict>,
    /// Starred facts.
    pub starred: BTreeSet<FactId>,
    /// Hidden facts.
    pub hidden: BTreeSet<FactId>,
    /// Facts put in by hand.
    pub moved_in: BTreeSet<FactId>,
    /// Facts taken out by hand.
    pub moved_out: BTreeSet<FactId>,
    /// The facts that say what was starred or hidden: of no interest on a timeline by themselves.
    pub curation: BTreeSet<FactId>,
    /// Entries taken back while they were in this incident.
    pub undone: BTreeSet<FactId>,
    /// The incident that this one is a double of.
    pub same_as: Option<EntityId>,
    /// Set by an event that this version does not know: the reason why it can't be changed.
    pub read_only: Option<String>,
    /// The version at which each part was last changed, to tell who was late.
    pub changed: BTreeMap<&'static str, u64>,
}

impl Incident {
    /// Minutes recorded before the start that belong to an incident.
    pub const BEFORE_MINUTES: i64 = 60;
    /// Minutes recorded after the end that belong to an incident.
    pub const AFTER_MINUTES: i64 = 15;

    /// `INC-12`.
    pub fn name(&self) -> String {
        format!("INC-{}", self.number)
    }

    /// The stretch of time whose facts belong to it.
    pub fn window(&self) -> Window {
        Window {
            from: self.window_from.unwrap_or_else(|| self.started_at.plus_minutes(-Self::BEFORE_MINUTES)),
            until: self
                .window_until
                .or_else(|| self.closed_at.map(|end| end.plus_minutes(Self::AFTER_MINUTES))),
        }
    }

    /// The window of a double: one that nobody closed ends with the incident that it lives on as.
    pub fn window_as_double_of(&self, survivor: &Incident) -> Window {
        let own = self.window();
        Window { until: own.until.or(survivor.window().until), ..own }
    }

    /// What came of an action, by the fact that shows it: told in words, or proposed and confirmed.
    pub fn results_of(&self, action: FactId) -> BTreeMap<FactId, ResultOutcome> {
        let all = Pair { action, result: FactId(uuid::Uuid::nil()) }..=Pair {
            action,
            result: FactId(uuid::Uuid::max()),
        };
        let told = self.results.range(all.clone()).map(|(pair, outcome)| (pair.result, *outcome));
        let confirmed = self.verdicts.range(all).filter(|(_, verdict)| verdict.confirmed);
        told.chain(confirmed.map(|(pair, verdict)| (pair.result, verdict.outcome))).collect()
    }

    /// The action that a fact is the result of, if one is known.
    pub fn action_of(&self, result: FactId) -> Option<FactId> {
        let told = self.results.keys().find(|pair| pair.result == result);
        let confirmed =
            || self.verdicts.iter().find(|(pair, verdict)| pair.result == result && verdict.confirmed);
        told.or_else(|| confirmed().map(|(pair, _)| pair)).map(|pair| pair.action)
    }

    /// Temporary measures that are still in place.
    pub fn temporary_in_place(&self) -> impl Iterator<Item = &ActionTaken> {
        self.actions
            .iter()
            .filter(|action| action.temporary.as_ref().is_some_and(|temporary| temporary.settled.is_none()))
    }

    /// When the next status update is due, unless closed.
    pub fn next_update_due(&self) -> Option<Timestamp> {
        (self.status != Status::Closed).then(|| self.updates.last()?.next_due).flatten()
    }
}
