//! What people can tell the product to do. Buttons, command line and chat verbs all end here.

use fact::{FactId, PersonId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Act, IncidentRole, Mapping, Role, SourceKind};

/// `INC-12`, `12` or a UUID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct IncidentRef(pub String);

/// The UUID of a fact.
pub type FactRef = FactId;

/// A command with its idempotency key and the time at which it was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope {
    /// Chosen by the writer; the same id again gives the same answer and no second fact.
    pub id: FactId,
    /// When the person gave it, if not now: typed while the server was away, or back-dated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_at: Option<Timestamp>,
    /// The version of the incident that the person saw; a command that contradicts a newer one is
    /// refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_version: Option<u64>,
    /// The command.
    #[serde(flatten)]
    pub command: Command,
}

/// Why a temporary measure is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// It costs too much to stay.
    Costly,
    /// It is a risk.
    Risky,
    /// A policy forbids it.
    AgainstPolicy,
}

/// What came of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It helped.
    Helped,
    /// Nothing changed.
    NoChange,
    /// It made things worse.
    Worse,
    /// It succeeded or failed by itself (exit status, deployment state), effect unknown.
    Finished,
    /// It failed by itself.
    Failed,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Outcome::Helped => "helped",
            Outcome::NoChange => "no change",
            Outcome::Worse => "worse",
            Outcome::Finished => "finished",
            Outcome::Failed => "failed",
        })
    }
}

/// A command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Command {
    /// Declares an incident, now, late or back-dated.
    Declare {
        /// What is wrong, in one line.
        title: String,
        /// 1 (worst) to 5.
        #[serde(default = "default_severity")]
        severity: u8,
        /// When it began, if known to be earlier.
        #[serde(default)]
        started_at: Option<Timestamp>,
        /// Affected services.
        #[serde(default)]
        services: Vec<String>,
        /// Only its members see that it exists.
        #[serde(default)]
        private: bool,
        /// The id under which another system knows it.
        #[serde(default)]
        external_id: Option<String>,
    },
    /// Changes the title.
    Retitle {
        /// Which.
        incident: IncidentRef,
        /// The new title.
        title: String,
    },
    /// Changes the severity.
    Severity {
        /// Which.
        incident: IncidentRef,
        /// 1 (worst) to 5.
        severity: u8,
        /// The reason.
        #[serde(default)]
        why: Option<String>,
    },
    /// Corrects when it began.
    Began {
        /// Which.
        incident: IncidentRef,
        /// When.
        at: Timestamp,
    },
    /// Gives somebody a role; nobody takes it from whoever has it.
    Role {
        /// Which.
        incident: IncidentRef,
        /// The role.
        role: IncidentRole,
        /// Who takes it.
        #[serde(default)]
        person: Option<PersonId>,
    },
    /// Hands over command, with the brief as it was handed over.
    HandOver {
        /// Which.
        incident: IncidentRef,
        /// The new commander.
        to: PersonId,
        /// The brief, as text.
        brief: String,
    },
    /// Impact is over.
    Mitigated {
        /// Which; may be left out when only one is open.
        #[serde(default)]
        incident: Option<IncidentRef>,
        /// When, if earlier.
        #[serde(default)]
        at: Option<Timestamp>,
        /// A remark.
        #[serde(default)]
        text: Option<String>,
    },
    /// Nothing more is to be done now.
    Close {
        /// Which.
        #[serde(default)]
        incident: Option<IncidentRef>,
        /// When, if earlier.
        #[serde(default)]
        at: Option<Timestamp>,
        /// A remark.
        #[serde(default)]
        text: Option<String>,
    },
    /// It is not over after all.
    Reopen {
        /// Which.
        incident: IncidentRef,
        /// The reason.
        #[serde(default)]
        why: Option<String>,
    },
    /// Tells how it stands.
    Status {
        /// Which; may be left out when only one is open.
        #[serde(default)]
        incident: Option<IncidentRef>,
        /// How it stands.
        text: String,
        /// When the next one is due.
        #[serde(default)]
        next_due: Option<Timestamp>,
    },
    /// Adds and removes affected services.
    Services {
        /// Which.
        incident: IncidentRef,
        /// To add.
        #[serde(default)]
        add: Vec<String>,
        /// To remove.
        #[serde(default)]
        remove: Vec<String>,
    },
    /// Who was hit, from when until when, and how one knows.
    Impact {
        /// Which.
        incident: IncidentRef,
        /// From.
        #[serde(default)]
        from: Option<Timestamp>,
        /// Until.
        #[serde(default)]
        until: Option<Timestamp>,
        /// Who was hit.
        who: String,
        /// How one knows.
        #[serde(default)]
        how_known: Option<String>,
        /// The fact that shows it.
        #[serde(default)]
        evidence: Option<FactRef>,
    },
    /// When and by what it was noticed.
    Detection {
        /// Which.
        incident: IncidentRef,
        /// When.
        at: Timestamp,
        /// By what: an alert, a customer, chance.
        by: String,
        /// The fact that shows it.
        #[serde(default)]
        evidence: Option<FactRef>,
    },
    /// "I did ...".
    Did {
        /// What was done.
        text: String,
        /// Which; may be left out.
        #[serde(default)]
        incident: Option<IncidentRef>,
        /// When, if earlier.
        #[serde(default)]
        at: Option<Timestamp>,
        /// It must be undone, or accepted by name, some day.
        #[serde(default)]
        temporary: bool,
        /// Why it can't stay.
        #[serde(default)]
        because: Option<Because>,
    },
    /// A remark.
    Note {
        /// The remark.
        text: String,
        /// Which; may be left out.
        #[serde(default)]
        incident: Option<IncidentRef>,
        /// When, if earlier.
        #[serde(default)]
        at: Option<Timestamp>,
    },
    /// A question, parked for the investigation.
    Why {
        /// The question.
        text: String,
        /// Which; may be left out.
        #[serde(default)]
        incident: Option<IncidentRef>,
        /// When, if earlier.
        #[serde(default)]
        at: Option<Timestamp>,
    },
    /// Puts what was kept unassigned into an incident.
    Assign {
        /// The `did`, `note` or `why`.
        fact: FactRef,
        /// Which.
        incident: IncidentRef,
    },
    /// Says what came of an action, in words.
    Result {
        /// The action: a `did`, a command or a change.
        action: FactRef,
        /// Which incident.
        #[serde(default)]
        incident: Option<IncidentRef>,
        /// What came of it.
        outcome: Outcome,
        /// In words.
        #[serde(default)]
        text: String,
    },
    /// Confirms or denies that a fact is the result of an action.
    Verdict {
        /// Which incident.
        incident: IncidentRef,
        /// The action.
        action: FactRef,
        /// The fact proposed as its result.
        result: FactRef,
        /// What it shows.
        outcome: Outcome,
        /// The rule that proposed it.
        #[serde(default)]
        rule: Option<String>,
        /// Yes or no.
        confirmed: bool,
    },
    /// A temporary measure was undone.
    UndoTemporary {
        /// The `did --temporary`.
        measure: FactRef,
        /// When, if earlier.
        #[serde(default)]
        at: Option<Timestamp>,
        /// How.
        #[serde(default)]
        text: Option<String>,
    },
    /// A temporary measure stays, and somebody answers for it by name.
    AcceptTemporary {
        /// The `did --temporary`.
        measure: FactRef,
        /// The reason.
        why: String,
    },
    /// Corrects time or text of a fact; the first telling stays visible.
    Amend {
        /// The fact.
        fact: FactRef,
        /// Its right time.
        #[serde(default)]
        occurred_at: Option<Timestamp>,
        /// Its right text.
        #[serde(default)]
        text: Option<String>,
        /// The reason.
        #[serde(default)]
        why: Option<String>,
    },
    /// Puts a fact into an incident's timeline, or takes it out of one.
    Move {
        /// The fact.
        fact: FactRef,
        /// Out of this one.
        #[serde(default)]
        from: Option<IncidentRef>,
        /// Into this one.
        #[serde(default)]
        to: Option<IncidentRef>,
    },
    /// Takes back an own entry: a `did`, `note`, `why`, result, verdict or correction.
    Undo {
        /// The entry.
        fact: FactRef,
        /// The reason.
        #[serde(default)]
        why: Option<String>,
    },
    /// Stars a fact of an incident, or takes the star away.
    Star {
        /// Which.
        incident: IncidentRef,
        /// The fact.
        fact: FactRef,
        /// Star or not.
        on: bool,
    },
    /// Hides a fact from an incident's timeline, or shows it again.
    Hide {
        /// Which.
        incident: IncidentRef,
        /// The fact.
        fact: FactRef,
        /// Hidden or not.
        on: bool,
    },
    /// It is the same as another one; its timeline is read there.
    SameAs {
        /// The double.
        incident: IncidentRef,
        /// The one that stays.
        same_as: IncidentRef,
    },
    /// Sets the ends of the window by hand; `None` goes back to the default.
    Window {
        /// Which.
        incident: IncidentRef,
        /// From.
        #[serde(default)]
        from: Option<Timestamp>,
        /// Until.
        #[serde(default)]
        until: Option<Timestamp>,
    },
    /// Limits an incident to chosen sources, by name; an empty list goes back to the default.
    Scope {
        /// Which.
        incident: IncidentRef,
        /// The sources.
        sources: Vec<String>,
    },
    /// Makes an incident private to its members, or public.
    Privacy {
        /// Which.
        incident: IncidentRef,
        /// Private or not.
        private: bool,
        /// Who becomes a member.
        #[serde(default)]
        add: Vec<PersonId>,
        /// Who no longer is one.
        #[serde(default)]
        remove: Vec<PersonId>,
    },

    /// Adds a person.
    AddPerson {
        /// The name, unique.
        name: String,
        /// What the person may do.
        #[serde(default = "default_role")]
        role: Role,
    },
    /// Changes what a person may do.
    PersonRole {
        /// Who.
        person: PersonId,
        /// The new role.
        role: Role,
    },
    /// Says that a handle seen in a source is this person's.
    AddHandle {
        /// Who.
        person: PersonId,
        /// The handle as the source writes it.
        handle: String,
        /// In this source only; everywhere if left out.
        #[serde(default)]
        source: Option<String>,
    },
    /// Two are one person: the second one's handles and history become the first one's.
    JoinPeople {
        /// Who stays.
        into: PersonId,
        /// Who is the same.
        other: PersonId,
    },
    /// A person leaves; nothing of what they did is lost.
    Deactivate {
        /// Who.
        person: PersonId,
    },

    /// Adds a source.
    AddSource {
        /// What it speaks.
        kind: SourceKind,
        /// Its name, unique.
        name: String,
        /// Only its members see its facts.
        #[serde(default)]
        private: bool,
    },
    /// Changes how long a source's talk is kept; `None` for ever.
    Retention {
        /// The source's name.
        source: String,
        /// Days.
        #[serde(default)]
        days: Option<u32>,
    },
    /// Makes a source private to its members, or public.
    SourcePrivacy {
        /// The source's name.
        source: String,
        /// Private or not.
        private: bool,
        /// Who becomes a member.
        #[serde(default)]
        add: Vec<PersonId>,
        /// Who no longer is one.
        #[serde(default)]
        remove: Vec<PersonId>,
    },
    /// Where a generic JSON source's payloads hold what.
    Map {
        /// The source's name.
        source: String,
        /// The paths.
        mapping: Mapping,
    },
    /// Makes a new secret for a source; the old one stops working.
    RotateSource {
        /// The source's name.
        source: String,
    },
}

impl Command {
    /// What one must be allowed to do to give it.
    pub fn act(&self) -> Act {
        match self {
            // Whoever is joined into another acts as the other, and sees what the other sees.
            Command::AddPerson { .. }
            | Command::PersonRole { .. }
            | Command::JoinPeople { .. }
            | Command::Deactivate { .. } => Act::ManagePeople,
            Command::AddHandle { .. } => Act::JoinHandles,
            Command::AddSource { .. }
            | Command::Retention { .. }
            | Command::SourcePrivacy { .. }
            | Command::Map { .. }
            | Command::RotateSource { .. } => Act::ManageSources,
            // Correcting facts of others takes `Act::Correct` besides.
            _ => Act::Respond,
        }
    }

    /// The recorded facts that it names, which deciding it looks up.
    pub fn facts(&self) -> Vec<FactId> {
        match self {
            Command::Impact { evidence, .. } | Command::Detection { evidence, .. } => {
                evidence.iter().copied().collect()
            }
            Command::Assign { fact, .. }
            | Command::Amend { fact, .. }
            | Command::Move { fact, .. }
            | Command::Undo { fact, .. }
            | Command::Star { fact, .. }
            | Command::Hide { fact, .. }
            | Command::Result { action: fact, .. }
            | Command::UndoTemporary { measure: fact, .. }
            | Command::AcceptTemporary { measure: fact, .. } => vec![*fact],
            Command::Verdict { action, result, .. } => vec![*action, *result],
            _ => Vec::new(),
        }
    }
}

fn default_severity() -> u8 {
    3
}

fn default_role() -> Role {
    Role::Responder
}
