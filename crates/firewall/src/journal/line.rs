//! One line of the journal: a fact of kind `change`.

use std::fmt;

use fact::{FactId, Timestamp};
use ruleset::plan::{Change, Operation, Plan};
use ruleset::{Backend, Counters, Family, Ruleset};
use serde::{Deserialize, Serialize};

use super::Who;

/// How large the data of a fact may be (docs/formats/fact-in.md).
const LIMIT: usize = 262_144;

/// A fact, as docs/formats/fact-in.md has it. All lines of an entry have the same native id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub id: FactId,
    pub native_id: FactId,
    pub revision: u32,
    pub kind: String,
    pub occurred_at: Timestamp,
    pub actor: String,
    pub text: String,
    pub data: Data,
}

/// What a change was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// When it was begun.
    pub begun_at: Timestamp,
    /// Who did it.
    pub who: Who,
    /// `--reason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// `--incident`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// The plan.
    pub plan: Plan,
    /// The rules and policies that it took away.
    pub before: Vec<RuleAt>,
    /// The rules and policies that it put in.
    pub after: Vec<RuleAt>,
    /// What came of it, in the order of time; empty: begun, and never heard of again.
    #[serde(default)]
    pub outcomes: Vec<Outcome>,
}

/// A rule or a policy (position 0) and where it stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleAt {
    /// Its backend.
    pub backend: Backend,
    /// Its family.
    pub family: Family,
    /// Its table.
    pub table: String,
    /// Its chain.
    pub chain: String,
    /// Its number then; 0 for a policy.
    pub position: usize,
    /// Its text.
    pub rule: String,
    /// Its counters then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counters: Option<Counters>,
    /// The rule above it then, for putting it back beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<String>,
    /// The rule below it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<String>,
}

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is in the kernel, and was read back.
    Applied,
    /// Somebody confirmed it.
    Confirmed,
    /// It was taken back.
    RolledBack,
    /// Only a part could be taken back.
    PartlyRolledBack,
    /// Nothing was changed.
    Failed,
    /// Only a part was done.
    Partly,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Applied => "applied",
            Self::Confirmed => "confirmed",
            Self::RolledBack => "taken back",
            Self::PartlyRolledBack => "taken back in part",
            Self::Failed => "failed, nothing changed",
            Self::Partly => "done in part",
        })
    }
}

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// When.
    pub at: Timestamp,
    /// What.
    pub status: Status,
    /// More about it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

impl Outcome {
    /// Now.
    pub fn new(status: Status, text: impl Into<String>) -> Self {
        Self { at: super::now(), status, text: text.into() }
    }
}

impl Line {
    /// Of this entry, now.
    pub fn new(entry: FactId, revision: u32, text: String, mut data: Data) -> Self {
        if revision == 0 {
            data.begun_at = super::now();
        }
        let id = if revision == 0 { entry } else { super::fresh_id() };
        let actor = data.who.name();
        // A command line may be as long as it likes, a fact's text may not.
        let text = text.chars().take(4_000).collect();
        Self {
            id,
            native_id: entry,
            revision,
            kind: "change".into(),
            occurred_at: data.begun_at,
            actor,
            text,
            data,
        }
    }

    /// As one line of JSON, without its line feed.
    pub fn to_json(&self) -> String {
        let json = |line: &Self| serde_json::to_string(line).expect("a line is plain data");
        let text = json(self);
        if text.len() <= LIMIT {
            return text;
        }
        // What it meant for thousands of flows can be left out; what was changed can't.
        let mut shorter = self.clone();
        shorter.data.plan.impact = ruleset::plan::Impact::default();
        shorter.data.plan.impact.notes.push("The impact was left out: too long for the journal.".into());
        json(&shorter)
    }
}

impl Data {
    /// Of a plan that is about to be carried out on these rules.
    pub fn of(plan: &Plan, rules: &Ruleset, who: Who) -> Self {
        let at = |change: &Change, rule: &str, counters| RuleAt {
            above: None,
            below: None,
            backend: change.backend,
            family: change.family,
            table: change.table.clone(),
            chain: change.chain.clone(),
            position: change.position,
            rule: rule.into(),
            counters,
        };
        let before = plan.changes.iter().filter_map(|change| match (&change.removed, change.op) {
            (Some(removed), _) => Some(at(change, &removed.rule, removed.counters)),
            (None, Operation::Delete) => Some(at(change, &change.rule, None)),
            (None, _) => None,
        });
        let after = plan.changes.iter().filter(|change| change.op != Operation::Delete);
        Self {
            begun_at: Timestamp::default(),
            who,
            reason: plan.reason.clone(),
            incident: plan.incident.clone(),
            before: before.map(|one| beside(one, rules)).collect(),
            after: after.map(|change| at(change, &change.rule, None)).collect(),
            plan: plan.clone(),
            outcomes: Vec::new(),
        }
    }
}

/// With its neighbours, as they stand before anything is changed.
fn beside(mut one: RuleAt, rules: &Ruleset) -> RuleAt {
    let Some(chain) =
        rules.table(one.backend, one.family, &one.table).and_then(|table| table.chain(&one.chain))
    else {
        return one;
    };
    let places = chain.rules.iter().enumerate().filter(|(_, rule)| rule.text == one.rule);
    // Other changes of the plan may have moved it by a little.
    let Some((index, _)) = places.min_by_key(|(index, _)| (index + 1).abs_diff(one.position)) else {
        return one;
    };
    let text = |index: Option<usize>| Some(chain.rules.get(index?)?.text.clone());
    (one.above, one.below) = (text(index.checked_sub(1)), text(index.checked_add(1)));
    one
}
