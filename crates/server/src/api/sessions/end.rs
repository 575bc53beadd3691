//! `DELETE /api/v1/sessions/{session}`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::delete;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who};
use crate::{Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Delete,
    path: "/api/v1/sessions/{session}",
    name: "end_session",
    summary: "Ends one of the caller's own sessions.",
    guard: Guard::Person(Act::OwnTokens),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer { status: 204, says: "It has ended.", media: JSON, schema: None },
    handler: || delete(end),
};

async fn end(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let sessions = app.sessions(caller.person).await?;
    let session = sessions.iter().find(|session| super::name(session) == name);
    app.store.end_session(session.ok_or_else(Problem::not_found)?.hash).await?;
    Ok(StatusCode::NO_CONTENT)
}
