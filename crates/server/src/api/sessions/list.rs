//! `GET /api/v1/sessions`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::auth::shown_session;
use crate::{Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/sessions",
    name: "list_sessions",
    summary: "Lists the caller's own sessions, the last used first.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("One's own sessions.", schema_of::<Vec<api::Session>>),
    handler: || get(list),
};

async fn list(
    State(app): State<Shared>,
    Who(caller): Who,
    headers: HeaderMap,
) -> Result<Json<Vec<api::Session>>, Problem> {
    let this = shown_session(&app.config, &headers);
    let sessions = app.sessions(caller.person).await?;
    let view = |session: &store::Session| api::Session {
        session: super::name(session),
        created_at: session.created_at,
        last_used: session.last_used,
        expires_at: session.expires_at,
        agent: session.agent.clone(),
        is_this: this == Some(session.hash),
    };
    Ok(Json(sessions.iter().map(view).collect()))
}
