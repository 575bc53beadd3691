//! One fact with everything known about it.

use api::FactView;
use fact::{FactId, Viewer};

use crate::{App, Problem};

/// One fact: as a line, all its tellings, the payloads as they came, and where it lies.
pub async fn fact_view(app: &App, viewer: &Viewer, fact: FactId) -> Result<FactView, Problem> {
    let _ = (app, viewer, fact);
    Err(Problem::not_found())
}
