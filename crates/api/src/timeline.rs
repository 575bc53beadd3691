//! Timelines.

use fact::{FactId, Kind, Timestamp};
use incident::{Because, ResultOutcome, SourceKind, Window};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::PersonRef;

/// One line of a timeline. A contract: exactly these fields, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineFact {
    /// Its id.
    pub id: FactId,
    /// Its position in the log.
    pub position: u64,
    /// When it happened, as corrected.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Its source's name.
    pub source: String,
    /// What sort of thing it tells.
    pub kind: Kind,
    /// Who, as the source wrote it.
    pub actor: Option<String>,
    /// What happened, as corrected.
    pub text: String,
    /// What belongs together within the source.
    pub thread: Option<String>,
    /// The action whose result it is.
    pub result_of: Option<FactId>,
    /// Removed for good; only the stub is left.
    pub redacted: bool,
}

/// A part of a timeline, with what is needed to show it; `?view=full`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// The incident that it is read from: another one if the one asked for is a double.
    pub incident: String,
    /// The lines, in the order asked for.
    pub rows: Vec<Row>,
    /// Where to go on beyond the last line: the next request's `beyond`.
    pub next: Option<String>,
    /// Where to go on before the first line, with the order turned round.
    pub previous: Option<String>,
    /// The stretch of time.
    pub window: Window,
    /// How many facts there are by source and kind, filters aside.
    pub counts: Vec<Count>,
    /// How many facts there are, filters aside.
    pub total: u64,
    /// How many are hidden by hand.
    pub hidden: u64,
    /// What retention took from this stretch of time.
    pub expired: Vec<ExpiredNote>,
    /// Stretches in which a source could not be recorded.
    pub gaps: Vec<Gap>,
    /// The last position of the log that this was read at: where to go on listening.
    pub position: u64,
}

/// What was recorded of an incident since a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct News {
    /// The incident that it is read from: another one if the one asked for is a double.
    pub incident: String,
    /// The lines, by (occurred_at, position).
    pub rows: Vec<Row>,
    /// Where to go on: the next request's `after`.
    pub position: u64,
    /// Whether there is more already.
    pub more: bool,
}

/// One line of a timeline with all that the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// The contract's fields.
    #[serde(flatten)]
    pub fact: TimelineFact,
    /// Recorded more than a minute after it happened.
    pub late: bool,
    /// Imported afterwards, as opposed to recorded as it happened.
    pub imported: bool,
    /// What its source speaks.
    pub source_kind: SourceKind,
    /// The person behind the actor, if known.
    pub person: Option<PersonRef>,
    /// What it shows about the action that it is a result of.
    pub result: Option<ResultOf>,
    /// How it was corrected.
    pub amended: Option<Amended>,
    /// How often its source edited it.
    pub edits: u32,
    /// Its source says that it was deleted there.
    pub deleted: bool,
    /// Starred by hand.
    pub starred: bool,
    /// Hidden by hand.
    pub hidden: bool,
    /// Taken back by whoever entered it.
    pub undone: bool,
    /// Put into this timeline by hand.
    pub moved_in: bool,
    /// How far off its time may be, in seconds.
    pub uncertainty_s: Option<u32>,
    /// Zone in which its source told the time.
    pub zone: Option<String>,
    /// The interval that it asserts for its thread.
    pub span: Option<SpanState>,
    /// It is a temporary measure: why it can't stay, and whether it is still in place.
    pub temporary: Option<TemporaryState>,
    /// Proposed and decided results of this action.
    pub proposals: Vec<Proposal>,
    /// There is a payload as it came: see the fact itself.
    pub has_raw: bool,
    /// The number of the incident's state fact, for facts that change it.
    pub version: Option<u64>,
}

/// Whether a temporary measure is in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TemporaryState {
    /// Why it can't stay.
    pub because: Option<Because>,
    /// Neither undone nor accepted yet.
    pub in_place: bool,
}

/// The action that a fact is a result of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResultOf {
    /// The action.
    pub action: FactId,
    /// What the fact shows.
    pub outcome: ResultOutcome,
    /// By whose word.
    pub by: Option<PersonRef>,
}

/// An interval of a thread: an alert's firing time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpanState {
    /// When it began.
    pub begin: Timestamp,
    /// When it ended, as this fact says; `None`: it lasts.
    pub end: Option<Timestamp>,
}

/// What was corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Amended {
    /// The time as first told, if it was corrected.
    pub was_at: Option<Timestamp>,
    /// The text as first told, if it was corrected.
    pub was_text: Option<String>,
    /// Every amendment, oldest first.
    pub history: Vec<Amendment>,
}

/// One amendment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Amendment {
    /// The correcting fact.
    pub fact: FactId,
    /// By whom.
    pub by: PersonRef,
    /// When.
    pub at: Timestamp,
    /// The reason.
    pub why: Option<String>,
}

/// A fact that may be, or is, the result of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// The action.
    pub action: FactId,
    /// The fact proposed as its result.
    pub result: FactId,
    /// When that happened.
    pub result_at: Timestamp,
    /// What it says.
    pub result_text: String,
    /// What it would show.
    pub outcome: ResultOutcome,
    /// The rule that proposes it.
    pub rule: String,
    /// The reason, in a sentence.
    pub reason: String,
    /// What people said to it.
    pub state: ProposalState,
}

/// What people said to a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProposalState {
    /// Nothing yet.
    Proposed,
    /// Yes.
    Confirmed,
    /// No.
    Denied,
}

/// How many facts of one source and kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Count {
    /// The source's name.
    pub source: String,
    /// The kind.
    pub kind: Kind,
    /// How many.
    pub count: u64,
}

/// What retention took from a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpiredNote {
    /// The source's name.
    pub source: String,
    /// About how many facts.
    pub count: u64,
}

/// A stretch in which a source could not be recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// The source's name.
    pub source: String,
    /// From.
    pub from: Timestamp,
    /// Until; `None`: it lasts.
    pub until: Option<Timestamp>,
    /// Why, in words.
    pub text: String,
    /// The fact that says so.
    pub fact: FactId,
}
