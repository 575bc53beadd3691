//! What was changed shortly before it began.

use api::Row;
use fact::{EntityId, Viewer};

use crate::{App, Problem};

/// Changes of the two hours before the incident's start, newest first, at most 50.
pub async fn changes_before(app: &App, viewer: &Viewer, incident: EntityId) -> Result<Vec<Row>, Problem> {
    let _ = (app, viewer, incident);
    Err(Problem::not_found())
}
