//! How it stands right now.

use api::{Firing, Now, TemporaryMeasure, Unassigned};
use fact::Viewer;

use super::incident::{measure, told};
use super::{health, names};
use crate::{App, Problem};

/// Most firing alerts that are listed.
const MAX_FIRING: usize = 200;

/// Open incidents, what fires, temporary measures still in place, how recording goes.
pub async fn now(app: &App, viewer: &Viewer) -> Result<Now, Problem> {
    let position = app.store.head().await?.size;
    let mut firing = app.store.firing(viewer, MAX_FIRING + 1).await?;
    let more_firing = firing.len() > MAX_FIRING;
    firing.truncate(MAX_FIRING);
    let sources = health(app, viewer).await?;

    let state = app.state();
    let open =
        state.open_for(viewer).into_iter().filter_map(|one| told(app, &state, viewer, one.id)).collect();
    let mut temporary: Vec<TemporaryMeasure> = state
        .incidents_for(viewer)
        .into_iter()
        .flat_map(|incident| incident.temporary_in_place().map(|action| (Some(incident.name()), action)))
        .chain(state.unassigned_for(viewer).into_iter().map(|entry| (None, &entry.said)))
        .filter_map(|(name, action)| measure(&state, name.as_deref(), action))
        .filter(|measure| measure.settled.is_none())
        .collect();
    temporary.sort_by_key(|measure| (measure.at, measure.fact));
    let unassigned = state
        .unassigned_for(viewer)
        .into_iter()
        .map(|entry| Unassigned {
            fact: entry.said.fact,
            at: entry.said.at,
            by: names::person(&state, entry.said.by),
            text: entry.said.text.clone(),
        })
        .collect();
    let firing = firing
        .into_iter()
        .map(|span| Firing {
            since: span.begin,
            fact: span.fact.fact.id,
            source: names::source(&state, span.fact.fact.source),
            text: span.fact.fact.content.text,
            thread: span.fact.fact.content.thread,
        })
        .collect();
    Ok(Now { at: app.now(), position, open, firing, more_firing, temporary, unassigned, sources })
}
