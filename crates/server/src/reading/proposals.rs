//! Proposed results of actions: computed from the timeline, with people's verdicts on them.

use std::collections::BTreeMap;

use api::{Proposal, ProposalState};
use fact::{EntityId, FactId, Viewer};
use incident::{Incident, State};
use store::Entry;

use super::insight::insight;
use super::row::place;
use crate::{App, Problem};

/// The proposals of an incident, by action and time; decided ones included.
pub async fn proposals_of(app: &App, viewer: &Viewer, incident: EntityId) -> Result<Vec<Proposal>, Problem> {
    Ok(insight(app, viewer, incident).await?.proposals.clone())
}

/// Computed proposals and people's verdicts, told with the facts that they name. What names a fact
/// that is not among `entries` is left out: the viewer does not see it.
pub(super) fn told(
    state: &State,
    incident: &Incident,
    entries: &[Entry],
    open: &[::insight::Proposal],
) -> Vec<Proposal> {
    let by_id: BTreeMap<FactId, &Entry> = entries.iter().map(|entry| (entry.id(), entry)).collect();
    let named = |action: FactId, result: FactId| {
        by_id.get(&action)?;
        let entry = by_id.get(&result)?;
        let text = match entry {
            Entry::Fact { first, newest } => {
                let told = &newest.as_ref().unwrap_or(first).fact.content.text;
                let corrected = state.corrections.get(&result).and_then(incident::Correction::text);
                corrected.unwrap_or(told).to_owned()
            }
            Entry::Redacted { .. } => String::new(),
        };
        Some((place(state, entry).occurred_at, text))
    };
    let decided = incident.verdicts.iter().filter_map(|(pair, verdict)| {
        let (result_at, result_text) = named(pair.action, pair.result)?;
        Some(Proposal {
            action: pair.action,
            result: pair.result,
            result_at,
            result_text,
            outcome: verdict.outcome,
            rule: String::new(),
            reason: String::new(),
            state: if verdict.confirmed { ProposalState::Confirmed } else { ProposalState::Denied },
        })
    });
    let open = open.iter().filter_map(|proposal| {
        let (result_at, result_text) = named(proposal.action, proposal.result)?;
        Some(Proposal {
            action: proposal.action,
            result: proposal.result,
            result_at,
            result_text,
            outcome: proposal.outcome,
            rule: proposal.rule.as_str().into(),
            reason: proposal.reason.clone(),
            state: ProposalState::Proposed,
        })
    });
    let mut all: Vec<Proposal> = decided.chain(open).collect();
    all.sort_by_key(|proposal| (proposal.action, proposal.result_at, proposal.result));
    all
}
