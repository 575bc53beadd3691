//! `GET /api/v1/people/alike`

use api::Alike;
use axum::Json;
use axum::extract::State;
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/people/alike",
    name: "list_alike",
    summary: "Proposes which handles may be whose, and which people may be one, with the reason.",
    guard: Guard::Person(Act::JoinHandles),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("What looks alike.", schema_of::<Vec<Alike>>),
    handler: || get(list),
};

async fn list(State(app): State<Shared>, Who(caller): Who) -> Result<Json<Vec<Alike>>, Problem> {
    Ok(Json(reading::alike(&app, &caller.viewer).await?))
}
