//! `GET /api/v1/health`

use api::{HealthState, ServerHealth};
use axum::Json;
use axum::extract::State;
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/health",
    name: "read_health",
    summary: "Tells whether every source records.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("How recording goes.", schema_of::<ServerHealth>),
    handler: || get(read),
};

async fn read(State(app): State<Shared>, Who(caller): Who) -> Result<Json<ServerHealth>, Problem> {
    let sources = reading::health(&app, &caller.viewer).await?;
    Ok(Json(ServerHealth {
        ok: sources.iter().all(|source| matches!(source.state, HealthState::Ok | HealthState::New)),
        version: env!("CARGO_PKG_VERSION").into(),
        sources,
    }))
}
