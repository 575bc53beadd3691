//! Sources.

use std::collections::BTreeMap;

use api::{SourceHealth, SourceView};
use fact::{SourceId, Viewer};

use super::{health, names};
use crate::{App, Problem};

/// Every source that the viewer sees, by name, without the product's own.
pub async fn sources(app: &App, viewer: &Viewer) -> Result<Vec<SourceView>, Problem> {
    let health: BTreeMap<String, SourceHealth> =
        health(app, viewer).await?.into_iter().map(|health| (health.source.clone(), health)).collect();
    let state = app.state();
    let mut sources: Vec<SourceView> = state
        .sources
        .values()
        .filter(|source| source.id != SourceId::OWN && viewer.sees_source(source.id))
        .filter_map(|source| {
            Some(SourceView {
                source: source.name.clone(),
                kind: source.kind,
                private: source.members.is_some(),
                members: source.members.iter().flatten().map(|id| names::person(&state, *id)).collect(),
                retention_days: source.retention_days,
                mapping: source.mapping.clone(),
                health: health.get(&source.name)?.clone(),
            })
        })
        .collect();
    sources.sort_by(|a, b| a.source.cmp(&b.source));
    Ok(sources)
}

/// One source by its name, if the viewer sees it.
pub async fn source_view(app: &App, viewer: &Viewer, name: &str) -> Result<SourceView, Problem> {
    let all = sources(app, viewer).await?;
    all.into_iter().find(|source| source.source == name).ok_or_else(Problem::not_found)
}
