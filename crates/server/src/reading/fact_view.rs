//! One fact with everything known about it.

use api::{FactView, Revision};
use fact::{EntityId, FactId, StoredFact, Viewer};
use store::Entry;

use super::names;
use super::row::{Lens, place};
use super::scope::Scope;
use crate::{App, Problem};

/// One fact: as a line, all its tellings, the payloads as they came, and where it lies.
pub async fn fact_view(app: &App, viewer: &Viewer, fact: FactId) -> Result<FactView, Problem> {
    let entry = app.store.facts(viewer, &[fact]).await?.pop().ok_or_else(Problem::not_found)?;
    let revisions = app.store.revisions(viewer, entry.id()).await?;

    let state = app.state();
    let incidents: Vec<EntityId> = state
        .incidents_for(viewer)
        .into_iter()
        .filter(|incident| {
            let at = place(&state, &entry).occurred_at;
            Scope::of(&state, viewer, incident.id).is_some_and(|scope| scope.holds(&entry, at))
        })
        .map(|incident| incident.id)
        .collect();
    let first = match &entry {
        Entry::Fact { first, .. } => Some(&first.fact.content),
        Entry::Redacted { .. } => None,
    };
    Ok(FactView {
        row: Lens::new(&state, viewer, incidents.first().copied()).row(&entry),
        native_id: first.map(|content| content.native_id.clone()),
        about: first.map(|content| content.about.clone()).unwrap_or_default(),
        revisions: revisions.into_iter().map(revision).collect(),
        incidents: incidents.into_iter().filter_map(|id| names::incident(&state, id)).collect(),
    })
}

/// Every telling of a fact, oldest first.
pub async fn revisions(app: &App, viewer: &Viewer, fact: FactId) -> Result<Vec<Revision>, Problem> {
    let revisions = app.store.revisions(viewer, fact).await?;
    if revisions.is_empty() {
        return Err(Problem::not_found());
    }
    Ok(revisions.into_iter().map(revision).collect())
}

fn revision(stored: StoredFact) -> Revision {
    let content = stored.fact.content;
    Revision {
        id: stored.fact.id,
        revision: content.revision,
        position: stored.position,
        occurred_at: content.occurred_at,
        recorded_at: stored.recorded_at,
        actor: content.actor,
        text: content.text,
        data: content.data,
        raw: content.raw,
    }
}
