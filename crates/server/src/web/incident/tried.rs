//! Tried → result: what was done, and what came of it or may have.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use api::{Proposal, ProposalState, Row};
use fact::{FactId, Kind};

use super::super::entry::{because_word, outcome_class, outcome_word};
use super::super::zone::Zone;

/// Most that are listed; the rest is in the timeline.
pub(crate) const LISTED: usize = 20;

/// Something that was tried.
#[derive(Debug, Clone)]
pub(crate) struct Tried {
    pub(crate) id: FactId,
    /// Somebody said so, as opposed to a command or change that was recorded.
    pub(crate) is_own: bool,
    pub(crate) clock: String,
    pub(crate) date: String,
    pub(crate) zone: String,
    pub(crate) datetime: String,
    pub(crate) by: Option<String>,
    pub(crate) text: String,
    /// Set if it is temporary: still in place, and why it can't stay.
    pub(crate) temporary: Option<(bool, &'static str)>,
    pub(crate) came: Vec<Came>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) fact: FactId,
    pub(crate) text: String,
    pub(crate) outcome: &'static str,
    /// As a command knows it.
    pub(crate) outcome_value: String,
    pub(crate) class: &'static str,
    pub(crate) clock: String,
    pub(crate) rule: String,
    pub(crate) reason: String,
    /// Nobody said yes or no to it yet.
    pub(crate) is_proposed: bool,
}

/// What was done, newest first, with what came of it: told in words, or proposed.
///
/// Commands and changes that nothing came of are left to the timeline.
pub(super) fn tried(rows: &[Row], proposals: &[Proposal], zone: &Zone) -> Vec<Tried> {
    let mut told: BTreeMap<FactId, Vec<Came>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.fact.kind == Kind::RESULT && !row.undone) {
        let Some(result) = &row.result else { continue };
        told.entry(result.action).or_default().push(Came {
            fact: row.fact.id,
            text: short(&row.fact.text),
            outcome: outcome_word(result.outcome),
            outcome_value: String::new(),
            class: outcome_class(result.outcome),
            clock: zone.clock(&row.fact.occurred_at),
            rule: String::new(),
            reason: String::new(),
            is_proposed: false,
        });
    }
    let mut acts: Vec<&Row> = rows.iter().filter(|row| is_act(row) && !row.undone).collect();
    acts.sort_by_key(|row| Reverse((row.fact.occurred_at, row.fact.position)));
    let mut list = Vec::new();
    for row in acts {
        let mut came = told.remove(&row.fact.id).unwrap_or_default();
        let mine = proposals
            .iter()
            .filter(|proposal| proposal.action == row.fact.id && proposal.state != ProposalState::Denied);
        came.extend(mine.map(|proposal| {
            Came {
                fact: proposal.result,
                text: short(&proposal.result_text),
                outcome: outcome_word(proposal.outcome),
                outcome_value: serde_json::to_value(proposal.outcome)
                    .ok()
                    .and_then(|value| value.as_str().map(str::to_owned))
                    .unwrap_or_default(),
                class: outcome_class(proposal.outcome),
                clock: zone.clock(&proposal.result_at),
                rule: proposal.rule.clone(),
                reason: proposal.reason.clone(),
                is_proposed: proposal.state == ProposalState::Proposed,
            }
        }));
        if row.fact.kind != Kind::ACTION && came.is_empty() {
            continue;
        }
        let at = &row.fact.occurred_at;
        list.push(Tried {
            id: row.fact.id,
            is_own: row.fact.kind == Kind::ACTION,
            clock: zone.clock(at),
            date: zone.date(at),
            zone: zone.abbreviation(at),
            datetime: at.to_string(),
            by: row.person.as_ref().map(|person| person.name.clone()).or_else(|| row.fact.actor.clone()),
            text: short(&row.fact.text),
            temporary: row
                .temporary
                .as_ref()
                .map(|temporary| (temporary.in_place, temporary.because.map_or("", because_word))),
            came,
        });
    }
    // What people say they did stays; of machines' commands the newest are enough.
    let mut room = LISTED.saturating_sub(list.iter().filter(|one| one.is_own).count());
    list.retain(|one| {
        let is_in = one.is_own || room > 0;
        room -= usize::from(is_in && !one.is_own);
        is_in
    });
    list.truncate(2 * LISTED);
    list
}

fn is_act(row: &Row) -> bool {
    !matches!(row.fact.kind.as_str(), "result" | "gap")
}

fn short(text: &str) -> String {
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
