//! `GET /api/v1/now`

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/now",
    name: "read_now",
    summary: "Tells how it stands: open incidents, what fires, temporary measures, recording.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("How it stands.", schema_of::<api::Now>),
    handler: || get(read),
};

async fn read(State(app): State<Shared>, Who(caller): Who) -> Result<Json<api::Now>, Problem> {
    Ok(Json(reading::now(&app, &caller.viewer).await?))
}
