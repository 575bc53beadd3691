//! How it stands right now.

use api::Now;
use fact::Viewer;

use crate::{App, Problem};

/// Open incidents, what fires, temporary measures still in place, how recording goes.
pub async fn now(app: &App, viewer: &Viewer) -> Result<Now, Problem> {
    let _ = (app, viewer);
    Err(Problem::not_found())
}
