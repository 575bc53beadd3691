//! `POST /api/v1/facts`: a batch of a script or an agent, by its source's token.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::lines;
use crate::auth::Recorder;
use crate::{Problem, Shared};

/// Takes facts, one JSON object a line; answers line by line.
pub(crate) async fn post_facts(
    State(app): State<Shared>,
    recorder: Recorder,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let source = app.state().sources.get(&recorder.source).cloned().ok_or_else(Problem::not_found)?;
    app.health.delivery(source.id, &headers, app.now());
    let taken = lines::take(&app, &source, &headers, body).await;
    taken.inspect_err(|problem| app.health.failed(source.id, &problem.body.title, app.now()))
}
