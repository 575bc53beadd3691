//! What is still open at close: silent sources, gaps, actions without a result, measures in place.

use std::collections::BTreeSet;

use api::Loose;
use fact::{EntityId, Kind, SourceId, Viewer};
use store::Order;

use super::names;
use super::scope::Scope;
use crate::{App, Problem};

/// The loose ends of an incident, as they are shown when it is closed.
pub(super) async fn loose_ends(
    app: &App,
    viewer: &Viewer,
    incident: EntityId,
) -> Result<Vec<Loose>, Problem> {
    let scope = Scope::of(&app.state(), viewer, incident).ok_or_else(Problem::not_found)?;
    let tally = app.store.tally(viewer, &scope.query(true)).await?;
    let mut gaps = scope.query(true);
    gaps.kinds = Some(vec![Kind::GAP]);
    gaps.order = Order::Ascending;
    gaps.limit = 20;
    let gaps = app.store.window(viewer, &gaps).await?;

    let state = app.state();
    let heard: BTreeSet<SourceId> = tally.counts.iter().map(|(source, ..)| *source).collect();
    let looked_at = |source: &&incident::Source| {
        source.id != SourceId::OWN
            && viewer.sees_source(source.id)
            && scope.sources.as_ref().is_none_or(|only| only.contains(&source.id))
    };
    let silent = state.sources.values().filter(looked_at).filter(|source| !heard.contains(&source.id));
    let silent: BTreeSet<&str> = silent.map(|source| &*source.name).collect();
    let mut loose: Vec<Loose> = silent
        .into_iter()
        .map(|name| Loose {
            what: "silent-source".into(),
            text: format!("{name} recorded nothing in this window."),
            fact: None,
        })
        .collect();
    loose.extend(gaps.entries.iter().filter(|entry| entry.source() != SourceId::OWN).map(|gap| Loose {
        what: "gap".into(),
        text: format!("{} could not be recorded for a while.", names::source(&state, gap.source())),
        fact: Some(gap.id()),
    }));
    let Some(incident) = state.incidents.get(&scope.incident) else { return Ok(loose) };
    for action in &incident.actions {
        if incident.results_of(action.fact).is_empty() {
            loose.push(Loose {
                what: "no-result".into(),
                text: format!("Nobody told what came of: {}", action.text),
                fact: Some(action.fact),
            });
        }
    }
    let unsaid = [
        ("no-impact", incident.impact.is_none(), "Nobody recorded who was hit, from when until when."),
        ("no-detection", incident.detection.is_none(), "Nobody recorded when and by what it was noticed."),
    ];
    loose.extend(unsaid.into_iter().filter(|(_, is_open, _)| *is_open).map(|(what, _, text)| Loose {
        what: what.into(),
        text: text.into(),
        fact: None,
    }));
    loose.extend(incident.temporary_in_place().map(|action| Loose {
        what: "temporary".into(),
        text: format!("Still in place: {}", action.text),
        fact: Some(action.fact),
    }));
    Ok(loose)
}
