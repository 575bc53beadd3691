//! Handles that may be somebody's: proposed, never joined by themselves.

use api::Person;
use fact::SourceId;
use insight::SeenActor;

use super::super::visitor::Visitor;
use crate::{Problem, Shared};

/// Newest facts of a source that are looked through for handles.
const LOOKED_THROUGH: usize = 200;

/// A handle that may be a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alike {
    pub(crate) handle: String,
    pub(crate) source: String,
    pub(crate) person: Person,
    pub(crate) reason: String,
}

/// What looks alike among the handles that wrote something lately, of sources that the visitor sees.
pub(super) async fn alike(app: &Shared, visitor: &Visitor, people: &[Person]) -> Result<Vec<Alike>, Problem> {
    let seen = handles(app, visitor).await?;
    let state = app.state();
    let found = insight::alike(&state, &seen).into_iter().filter_map(|one| match one {
        insight::Alike::Handle { person, source, handle, reason } => {
            let source = state.sources.get(&source)?.name.clone();
            let person = people.iter().find(|shown| shown.id == person)?.clone();
            Some(Alike { handle, source, person, reason })
        }
        insight::Alike::People { .. } => None,
    });
    Ok(found.collect())
}

async fn handles(app: &Shared, visitor: &Visitor) -> Result<Vec<SeenActor>, Problem> {
    let viewer = &visitor.caller.viewer;
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
