//! `sources test NAME`: a sample of kind `test`, in no incident's window.

use api::Delivered;
use fact::Viewer;
use intake::Reading;

use super::deliver::keep_reading;
use super::foreign::format;
use crate::{App, Problem};

/// Records a sample in the name of a source that the viewer sees.
pub async fn record_sample(app: &App, viewer: &Viewer, name: &str) -> Result<Delivered, Problem> {
    let source = app.state().source_named(name).cloned();
    let source = source.filter(|source| viewer.sees_source(source.id)).ok_or_else(Problem::not_found)?;
    let drafts = intake::sample(format(source.kind), app.now());
    keep_reading(app, &source, Reading { drafts, diagnostics: Vec::new() }).await
}
