//! What somebody needs who joins late or takes over command.

use api::Brief;
use fact::{EntityId, Viewer};

use crate::{App, Problem};

/// The brief of an incident, as data and as text.
pub async fn brief(app: &App, viewer: &Viewer, incident: EntityId) -> Result<Brief, Problem> {
    let _ = (app, viewer, incident);
    Err(Problem::not_found())
}
