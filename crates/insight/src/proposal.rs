//! Proposed results of actions, each with its reason. Computed at every look; people confirm or
//! deny them, and only that is recorded.

use std::collections::{BTreeMap, BTreeSet};

use fact::{FactId, SourceId, Timestamp};
use incident::{Incident, Pair, ResultOutcome};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Said, Seen, said, spoken, words};

/// An alert that is resolved later than this after an action was hardly resolved by it.
const ALERT_WITHIN: i64 = 30 * 60;
/// Talk later than this after an action is hardly about it.
const TALK_WITHIN: i64 = 15 * 60;
/// So many actions back are looked at for one result.
const LOOK_BACK: usize = 64;

/// The rule by which a result is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The result names its action itself.
    Named,
    /// A command ended with a status.
    ExitStatus,
    /// A deployment came to its end.
    DeploymentState,
    /// An alert was resolved.
    AlertResolved,
    /// Somebody said so.
    Said,
}

impl Rule {
    /// The rule's name, as a verdict keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::Named => "named",
            Rule::ExitStatus => "exit-status",
            Rule::DeploymentState => "deployment-state",
            Rule::AlertResolved => "alert-resolved",
            Rule::Said => "said",
        }
    }
}

/// A fact that may be the result of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// The action.
    pub action: FactId,
    /// Its result; the action itself where one fact tells both, as a command with its status does.
    pub result: FactId,
    /// What it shows.
    pub outcome: ResultOutcome,
    /// The rule.
    pub rule: Rule,
    /// Why, in a few words: `alert HighErrorRate resolved 2 min 10 s after`.
    pub reason: String,
    /// Seconds from the action to the result.
    pub after_s: u64,
}

/// Proposed results of the actions of an incident, in order of time; pairs on which somebody gave
/// a verdict, and results told by people, are none.
///
/// `facts` are those of its window, in any order. What was hidden or taken back takes no part.
pub fn proposals(incident: &Incident, facts: &[Seen<'_>]) -> Vec<Proposal> {
    let out = |fact: &Seen<'_>| incident.hidden.contains(&fact.id) || incident.undone.contains(&fact.id);
    let mut facts: Vec<Seen<'_>> = facts.iter().filter(|fact| !out(fact)).copied().collect();
    facts.sort_by_key(|fact| fact.at);
    let mut finder = Finder::new(&facts);
    let mut found = Vec::new();
    for fact in &facts {
        finder.by_name(fact, &mut found);
        match fact.kind.as_str() {
            "command" => found.extend(by_exit_status(fact)),
            "change" => found.extend(finder.by_deployment_state(fact)),
            "alert" => found.extend(finder.by_alert(fact)),
            _ if fact.is_talk() => found.extend(finder.by_talk(fact)),
            _ => {}
        }
    }
    let known = |proposal: &Proposal| {
        let pair = Pair { action: proposal.action, result: proposal.result };
        incident.verdicts.contains_key(&pair) || incident.results.contains_key(&pair)
    };
    found.retain(|proposal| !known(proposal));
    first_words(incident, found)
}

/// Several people say the same of one action: the first one is enough, none if one is confirmed.
fn first_words(incident: &Incident, found: Vec<Proposal>) -> Vec<Proposal> {
    let said = Rule::Said;
    let mut heard = BTreeSet::new();
    found
        .into_iter()
        .filter(|proposal| {
            proposal.rule != said
                || (heard.insert((proposal.action, proposal.outcome))
                    && !incident.results_of(proposal.action).values().any(|it| *it == proposal.outcome))
        })
        .collect()
}

/// Finds the action that a fact may be the result of.
struct Finder<'f, 'a> {
    /// All that may have had an effect, by time.
    actions: Vec<&'f Seen<'a>>,
    about: BTreeMap<FactId, BTreeSet<String>>,
    by_id: BTreeMap<FactId, Timestamp>,
    /// The first fact of each change.
    begun: BTreeMap<(SourceId, &'a str), &'f Seen<'a>>,
}

impl<'f, 'a> Finder<'f, 'a> {
    fn new(facts: &'f [Seen<'a>]) -> Self {
        let all = || facts.iter().filter(|fact| fact.is_action());
        let by_id = all().map(|action| (action.id, action.at)).collect();
        let mut begun = BTreeMap::new();
        for change in all().filter(|fact| fact.kind.as_str() == "change") {
            if let Some(thread) = change.thread {
                begun.entry((change.source, thread)).or_insert(change);
            }
        }
        let actions = all().filter(|action| may_have_effect(action)).collect();
        Finder { actions, about: BTreeMap::new(), by_id, begun }
    }

    /// The first telling of a change, which stands for all of it; any other action itself.
    fn begun<'s>(&'s self, action: &'s Seen<'a>) -> &'s Seen<'a> {
        let thread = action.thread.filter(|_| action.kind.as_str() == "change");
        thread.and_then(|thread| self.begun.get(&(action.source, thread)).copied()).unwrap_or(action)
    }

    /// A script's result names its action.
    fn by_name(&self, fact: &Seen<'_>, found: &mut Vec<Proposal>) {
        let named = fact.told(&["result_of"]).and_then(|id| id.parse::<FactId>().ok());
        let Some(action) = named.filter(|action| *action != fact.id) else { return };
        let Some(at) = self.by_id.get(&action) else { return };
        let outcome = match (fact.told(&["outcome"]), fact.exit_status()) {
            (Some("helped"), _) => ResultOutcome::Helped,
            (Some("no-change"), _) => ResultOutcome::NoChange,
            (Some("worse"), _) => ResultOutcome::Worse,
            (Some("failed"), _) => ResultOutcome::Failed,
            (_, Some(status)) if status != 0 => ResultOutcome::Failed,
            _ => ResultOutcome::Finished,
        };
        let after_s = seconds(*at, fact.at);
        let reason = format!("names the action, {} after", spoken(after_s));
        found.push(Proposal { action, result: fact.id, outcome, rule: Rule::Named, reason, after_s });
    }

    fn by_deployment_state(&self, change: &Seen<'a>) -> Option<Proposal> {
        let (outcome, word) = end_of_change(change)?;
        let action = self.begun(change);
        let after_s = seconds(action.at, change.at);
        let after = if after_s == 0 { String::new() } else { format!(" {} after", spoken(after_s)) };
        Some(Proposal {
            action: action.id,
            result: change.id,
            outcome,
            rule: Rule::DeploymentState,
            reason: format!("the change {word}{after}"),
            after_s,
        })
    }

    fn by_alert(&mut self, alert: &Seen<'_>) -> Option<Proposal> {
        let resolved_at = match alert.span {
            Some(span) => span.end?,
            None if alert.told(&["status"]) == Some("resolved") => alert.at,
            None => return None,
        };
        let since = alert.span.map_or(Timestamp::MIN, |span| span.begin);
        let subject = words::of_alert(alert);
        let (action, shared) = self.before(resolved_at, ALERT_WITHIN, since, &subject)?;
        let after_s = seconds(action.at, resolved_at);
        let name = alert.told(&["labels", "alertname"]).map(|name| format!(" {}", short(name)));
        let shared = shared.map(|word| format!(", both about {}", short(&word))).unwrap_or_default();
        Some(Proposal {
            action: self.begun(action).id,
            result: alert.id,
            outcome: ResultOutcome::Helped,
            rule: Rule::AlertResolved,
            reason: format!("alert{} resolved {} after{shared}", name.unwrap_or_default(), spoken(after_s)),
            after_s,
        })
    }

    fn by_talk(&mut self, talk: &Seen<'_>) -> Option<Proposal> {
        let (outcome, words) = match said(talk.text)? {
            Said::Helped => (ResultOutcome::Helped, "helped"),
            Said::NoChange => (ResultOutcome::NoChange, "changed nothing"),
            Said::Worse => (ResultOutcome::Worse, "made it worse"),
        };
        let (action, _) = self.before(talk.at, TALK_WITHIN, Timestamp::MIN, &BTreeSet::new())?;
        let after_s = seconds(action.at, talk.at);
        Some(Proposal {
            action: self.begun(action).id,
            result: talk.id,
            outcome,
            rule: Rule::Said,
            reason: format!("somebody said {} after that it {words}", spoken(after_s)),
            after_s,
        })
    }

    /// The nearest action before a time; of those that share a word with the subject, if any does.
    fn before(
        &mut self,
        at: Timestamp,
        within_s: i64,
        since: Timestamp,
        subject: &BTreeSet<String>,
    ) -> Option<(&'f Seen<'a>, Option<String>)> {
        let end = self.actions.partition_point(|action| action.at <= at);
        let from = at.plus_micros(-within_s * 1_000_000).max(since);
        let near = self.actions[..end].iter().rev().take(LOOK_BACK).take_while(|action| action.at >= from);
        let near: Vec<&'f Seen<'a>> = near.copied().collect();
        for action in near.iter().filter(|_| !subject.is_empty()) {
            let about = self.about.entry(action.id).or_insert_with(|| words::of_action(action));
            if let Some(word) = about.intersection(subject).next() {
                return Some((*action, Some(word.clone())));
            }
        }
        near.first().map(|action| (*action, None))
    }
}

fn by_exit_status(command: &Seen<'_>) -> Option<Proposal> {
    let status = command.exit_status()?;
    let outcome = if status == 0 { ResultOutcome::Finished } else { ResultOutcome::Failed };
    Some(Proposal {
        action: command.id,
        result: command.id,
        outcome,
        rule: Rule::ExitStatus,
        reason: format!("exit status {status}"),
        after_s: 0,
    })
}

/// How a change ended, if its fact tells that.
fn end_of_change(change: &Seen<'_>) -> Option<(ResultOutcome, &'static str)> {
    let paths: [&[&str]; 6] = [
        &["state"],
        &["status"],
        &["deployment_state"],
        &["conclusion"],
        &["deployment_status", "state"],
        &["object_attributes", "status"],
    ];
    let state = paths.iter().find_map(|path| change.told(path)).or_else(|| change.told(&["outcome"]))?;
    match state.to_ascii_lowercase().as_str() {
        "success" | "succeeded" | "passed" | "completed" | "deployed" => {
            Some((ResultOutcome::Finished, "succeeded"))
        }
        "failure" | "failed" | "error" | "timed_out" | "startup_failure" => {
            Some((ResultOutcome::Failed, "failed"))
        }
        "canceled" | "cancelled" => Some((ResultOutcome::Failed, "was cancelled")),
        _ => None,
    }
}

/// First words of commands that only look.
const LOOKS: [&str; 34] = [
    "ls",
    "ll",
    "cat",
    "less",
    "more",
    "head",
    "tail",
    "grep",
    "rg",
    "zgrep",
    "find",
    "df",
    "du",
    "free",
    "top",
    "htop",
    "ps",
    "w",
    "who",
    "uptime",
    "dmesg",
    "journalctl",
    "ss",
    "netstat",
    "ping",
    "dig",
    "host",
    "nslookup",
    "traceroute",
    "mtr",
    "history",
    "man",
    "cd",
    "pwd",
];
/// Second words with which a command only looks: `kubectl get`, `systemctl status`.
const LOOKS_WITH: [&str; 14] = [
    "get", "describe", "logs", "log", "status", "show", "list", "top", "explain", "diff", "inspect", "ps",
    "stats", "version",
];

/// Whether an action may have changed anything: not a command that failed or only looks, nor a
/// change that failed.
fn may_have_effect(action: &Seen<'_>) -> bool {
    match action.kind.as_str() {
        "command" => {
            let mut words = action.text.split_whitespace().filter(|word| {
                !matches!(*word, "$" | "#" | "sudo" | "time" | "watch") && !word.contains('=')
            });
            let first = words.next().map(|word| word.rsplit('/').next().unwrap_or(word)).unwrap_or_default();
            let second = words.find(|word| !word.starts_with('-')).unwrap_or_default();
            let many =
                ["kubectl", "docker", "systemctl", "git", "helm", "oc", "podman", "iptables", "nft", "aws"];
            let looks = LOOKS.contains(&first) || (many.contains(&first) && LOOKS_WITH.contains(&second));
            action.exit_status().unwrap_or(0) == 0 && !looks
        }
        "change" => !matches!(end_of_change(action), Some((ResultOutcome::Failed, _))),
        _ => true,
    }
}

fn seconds(from: Timestamp, until: Timestamp) -> u64 {
    until.since(from).as_secs()
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}
