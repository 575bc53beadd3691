//! The brief: what somebody needs who joins late or takes over command.

use std::collections::{BTreeMap, BTreeSet};

use fact::{FactId, Timestamp};
use incident::{Because, Incident, IncidentRole, ResultOutcome, State, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Proposal, Rule, Seen};

/// Changes so long before the start are told.
const CHANGES_BEFORE_MINUTES: i64 = 120;

/// State, what was tried and what came of it, who is on what, temporary measures, next update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    /// `INC-12`.
    pub incident: String,
    /// What is wrong.
    pub title: String,
    /// 1 (worst) to 5.
    pub severity: u8,
    /// Where it stands.
    pub status: Status,
    /// When this was read.
    pub at: Timestamp,
    /// When it began.
    pub started_at: Timestamp,
    /// From the start until now, or until it was closed, in seconds.
    pub elapsed_s: u64,
    /// Affected services.
    pub services: Vec<String>,
    /// Who was hit.
    pub impact: Option<BriefImpact>,
    /// When and by what it was noticed.
    pub detection: Option<BriefDetection>,
    /// The last status update.
    pub last_update: Option<BriefUpdate>,
    /// When the next one is due.
    pub next_update_due: Option<Timestamp>,
    /// For how many seconds it has been due.
    pub overdue_s: Option<u64>,
    /// What was tried, in order of time.
    pub tried: Vec<Tried>,
    /// Who is on what.
    pub roles: BTreeMap<IncidentRole, String>,
    /// Who came and did not go, as their sources call them.
    pub present: Vec<String>,
    /// Temporary measures still in place.
    pub temporary: Vec<BriefMeasure>,
    /// How many questions are parked for the investigation.
    pub questions: usize,
    /// What fires.
    pub firing: Vec<BriefFact>,
    /// Changes in the two hours before the start.
    pub changes: Vec<BriefFact>,
}

/// Who was hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefImpact {
    /// Who.
    pub who: String,
    /// From.
    pub from: Option<Timestamp>,
    /// Until.
    pub until: Option<Timestamp>,
    /// How one knows.
    pub how_known: Option<String>,
}

/// When and by what it was noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefDetection {
    /// When.
    pub at: Timestamp,
    /// By what.
    pub by: String,
}

/// How it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefUpdate {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// How it stood.
    pub text: String,
}

/// Something that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tried {
    /// The action.
    pub fact: FactId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Option<String>,
    /// What.
    pub text: String,
    /// What came of it.
    pub results: Vec<TriedResult>,
}

/// What came of something that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TriedResult {
    /// The fact that shows it.
    pub fact: FactId,
    /// What it shows.
    pub outcome: ResultOutcome,
    /// In words: what was told, or why it is proposed.
    pub text: String,
    /// A person said so, as opposed to a proposal.
    pub confirmed: bool,
}

/// A temporary measure in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefMeasure {
    /// The action.
    pub fact: FactId,
    /// Since when.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// What.
    pub text: String,
    /// Why it can't stay.
    pub because: Option<Because>,
}

/// A fact in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefFact {
    /// The fact.
    pub fact: FactId,
    /// When; since when, if it lasts.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// The brief of an incident from its state, the facts of its window (and of the two hours before
/// its start) that the reader may see, in any order, and the proposed results.
pub fn brief(
    state: &State,
    incident: &Incident,
    facts: &[Seen<'_>],
    proposals: &[Proposal],
    now: Timestamp,
) -> Brief {
    let name = |id| state.person(id).map_or_else(|| "somebody".to_owned(), |person| person.name.clone());
    let mut facts: Vec<_> = facts
        .iter()
        .filter(|it| !incident.hidden.contains(&it.id) && !incident.undone.contains(&it.id))
        .collect();
    facts.sort_by_key(|fact| fact.at);
    let end = incident.closed_at.unwrap_or(now);
    let next_update_due = incident.next_update_due();
    Brief {
        incident: incident.name(),
        title: incident.title.clone(),
        severity: incident.severity,
        status: incident.status,
        at: now,
        started_at: incident.started_at,
        elapsed_s: end.since(incident.started_at).as_secs(),
        services: incident.services.iter().cloned().collect(),
        impact: incident.impact.as_ref().map(|impact| BriefImpact {
            who: impact.who.clone(),
            from: impact.from,
            until: impact.until,
            how_known: impact.how_known.clone(),
        }),
        detection: incident
            .detection
            .as_ref()
            .map(|detection| BriefDetection { at: detection.at, by: detection.by.clone() }),
        last_update: incident.updates.last().map(|update| BriefUpdate {
            at: update.at,
            by: name(update.by),
            text: update.text.clone(),
        }),
        next_update_due,
        overdue_s: next_update_due.filter(|due| *due < now).map(|due| now.since(due).as_secs()),
        tried: tried(state, incident, &facts, proposals),
        roles: incident.roles.iter().map(|(role, person)| (*role, name(*person))).collect(),
        present: present(&facts),
        temporary: incident
            .temporary_in_place()
            .map(|action| BriefMeasure {
                fact: action.fact,
                at: action.at,
                by: name(action.by),
                text: action.text.clone(),
                because: action.temporary.as_ref().and_then(|temporary| temporary.because),
            })
            .collect(),
        questions: incident.questions.len(),
        firing: firing(&facts),
        changes: changes(incident, &facts),
    }
}

/// Actions that people told, and recorded ones of which something is known or proposed.
fn tried(state: &State, incident: &Incident, facts: &[&Seen<'_>], proposals: &[Proposal]) -> Vec<Tried> {
    let by_id: BTreeMap<FactId, &Seen<'_>> = facts.iter().map(|fact| (fact.id, *fact)).collect();
    let mut results: BTreeMap<FactId, Vec<TriedResult>> = BTreeMap::new();
    let told = incident.results.iter().map(|(pair, outcome)| (*pair, *outcome));
    let confirmed = incident.verdicts.iter().filter(|(_, verdict)| verdict.confirmed);
    let confirmed = confirmed.map(|(pair, verdict)| (*pair, verdict.outcome));
    for (pair, outcome) in told.chain(confirmed) {
        let text = by_id.get(&pair.result).filter(|_| pair.result != pair.action);
        let text = text.map_or_else(|| outcome.to_string(), |fact| line(fact.text));
        results.entry(pair.action).or_default().push(TriedResult {
            fact: pair.result,
            outcome,
            text,
            confirmed: true,
        });
    }
    for proposal in proposals {
        results.entry(proposal.action).or_default().push(TriedResult {
            fact: proposal.result,
            outcome: proposal.outcome,
            text: proposal.reason.clone(),
            confirmed: false,
        });
    }
    let typed: BTreeSet<FactId> = incident.actions.iter().map(|action| action.fact).collect();
    // A command's own exit status alone is no news of the incident.
    let of_note = |id: &FactId| {
        let proposed = proposals.iter().any(|it| it.action == *id && it.rule != Rule::ExitStatus);
        proposed || incident.results_of(*id).values().next().is_some()
    };
    let mut tried: Vec<Tried> = incident
        .actions
        .iter()
        .map(|action| Tried {
            fact: action.fact,
            at: action.at,
            by: state.person(action.by).map(|person| person.name.clone()),
            text: line(&action.text),
            results: results.remove(&action.fact).unwrap_or_default(),
        })
        .collect();
    let noted: Vec<_> = results.keys().copied().filter(|id| !typed.contains(id)).filter(of_note).collect();
    for id in noted {
        let Some(fact) = by_id.get(&id).filter(|fact| fact.at >= incident.started_at) else { continue };
        tried.push(Tried {
            fact: id,
            at: fact.at,
            by: fact.actor.map(str::to_owned),
            text: line(fact.text),
            results: results.remove(&id).unwrap_or_default(),
        });
    }
    tried.sort_by_key(|it| (it.at, it.fact));
    tried
}

fn present(facts: &[&Seen<'_>]) -> Vec<String> {
    let mut here = BTreeSet::new();
    for fact in facts {
        let Some(who) = fact.actor else { continue };
        match fact.kind.as_str() {
            "join" => drop(here.insert((who, fact.source))),
            "leave" => drop(here.remove(&(who, fact.source))),
            _ => {}
        }
    }
    let names: BTreeSet<&str> = here.into_iter().map(|(who, _)| who).collect();
    names.into_iter().map(line).collect()
}

/// Alerts whose last word is that they fire.
fn firing(facts: &[&Seen<'_>]) -> Vec<BriefFact> {
    let mut last = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.kind.as_str() == "alert") {
        let Some(span) = fact.span else { continue };
        let thread = fact.thread.unwrap_or_default();
        // The end of an interval is the last word on it, whichever came first.
        let word = last.entry((fact.source, thread)).or_insert((span, *fact));
        if (span.begin, span.end) >= (word.0.begin, word.0.end) {
            *word = (span, *fact);
        }
    }
    let mut firing: Vec<_> = last.into_values().filter(|(span, _)| span.end.is_none()).collect();
    firing.sort_by_key(|(span, fact)| (span.begin, fact.id));
    firing
        .into_iter()
        .map(|(span, fact)| BriefFact { fact: fact.id, at: span.begin, text: line(fact.text) })
        .collect()
}

fn changes(incident: &Incident, facts: &[&Seen<'_>]) -> Vec<BriefFact> {
    let from = incident.started_at.plus_minutes(-CHANGES_BEFORE_MINUTES);
    let before = facts.iter().filter(|fact| fact.at >= from && fact.at <= incident.started_at);
    before
        .filter(|fact| fact.kind.as_str() == "change")
        .map(|fact| BriefFact { fact: fact.id, at: fact.at, text: line(fact.text) })
        .collect()
}

/// One line of at most 200 characters.
fn line(text: &str) -> String {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let mut short: String = first.chars().filter(|c| !c.is_control()).take(200).collect();
    if short.len() < first.len() || text.trim().len() > first.len() {
        short.push('…');
    }
    short
}
