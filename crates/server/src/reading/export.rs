//! An incident as one JSON document.

use api::Export;
use fact::{EntityId, Viewer};

use crate::{App, Problem};

/// Everything of an incident that the viewer may see (docs/formats/export.md).
pub async fn export(app: &App, viewer: &Viewer, incident: EntityId) -> Result<Export, Problem> {
    let _ = (app, viewer, incident);
    Err(Problem::not_found())
}
