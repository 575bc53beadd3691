//! Who may be whom: proposed, never joined by itself.

use api::{Alike, PersonRef};
use fact::{PersonId, SourceId, Viewer};
use insight::SeenActor;

use super::person_ref;
use crate::{App, Problem};

/// Newest facts of a source that are looked through for handles.
const LOOKED_THROUGH: usize = 200;

/// What looks alike among people, and the handles that wrote something lately in sources that the
/// viewer sees.
pub async fn alike(app: &App, viewer: &Viewer) -> Result<Vec<Alike>, Problem> {
    let seen = handles(app, viewer).await?;
    let state = app.state();
    let named = |person: PersonId| -> PersonRef { person_ref(&state, person) };
    let found = insight::alike(&state, &seen).into_iter().filter_map(|one| match one {
        insight::Alike::Handle { person, source, handle, reason } => {
            let source = state.sources.get(&source)?.name.clone();
            Some(Alike::Handle { person: named(person), handle, source, reason })
        }
        insight::Alike::People { into, other, reason } => {
            Some(Alike::People { into: named(into), other: named(other), reason })
        }
    });
    Ok(found.collect())
}

async fn handles(app: &App, viewer: &Viewer) -> Result<Vec<SeenActor>, Problem> {
    let sources: Vec<SourceId> = {
        let state = app.state();
        state.sources.keys().copied().filter(|source| viewer.sees_source(*source)).collect()
    };
    let mut seen = Vec::new();
    for source in sources.into_iter().filter(|source| *source != SourceId::OWN) {
        let newest = app.store.newest(viewer, source, LOOKED_THROUGH).await?;
        let handles = newest.into_iter().filter_map(|stored| stored.fact.content.actor);
        seen.extend(handles.map(|handle| SeenActor { source, handle }));
    }
    Ok(seen)
}
