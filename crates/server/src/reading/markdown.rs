//! An incident as one Markdown document.

use fact::{EntityId, Viewer};

use crate::{App, Problem};

/// The incident as Markdown; recorded text is escaped.
pub async fn markdown(app: &App, viewer: &Viewer, incident: EntityId) -> Result<String, Problem> {
    let _ = (app, viewer, incident);
    Err(Problem::not_found())
}
