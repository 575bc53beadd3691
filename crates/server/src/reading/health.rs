//! How recording goes.

use api::SourceHealth;
use fact::Viewer;

use crate::{App, Problem};

/// How each source's recording goes, of those that the viewer sees, by name.
pub async fn health(app: &App, viewer: &Viewer) -> Result<Vec<SourceHealth>, Problem> {
    crate::recording::health(app, viewer).await
}
