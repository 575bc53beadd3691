//! Incidents: the list, one by name, one with all that people said about it.

use api::{Incident, IncidentView};
use fact::{EntityId, Viewer};

use crate::{App, Problem};

/// The incident called `INC-12`, `12` or by its UUID, if the viewer may see it.
pub fn incident_named(app: &App, viewer: &Viewer, name: &str) -> Result<EntityId, Problem> {
    let _ = (app, viewer, name);
    Err(Problem::not_found())
}

/// All incidents that the viewer may see, newest start first, closed included.
pub fn incident_list(app: &App, viewer: &Viewer) -> Vec<Incident> {
    let _ = (app, viewer);
    Vec::new()
}

/// One incident with all that people said about it.
pub async fn incident_view(app: &App, viewer: &Viewer, incident: EntityId) -> Result<IncidentView, Problem> {
    let _ = (app, viewer, incident);
    Err(Problem::not_found())
}
