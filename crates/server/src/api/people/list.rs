//! `GET /api/v1/people`

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/people",
    name: "list_people",
    summary: "Lists people by name, with the handles by which sources call them.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("Everybody.", schema_of::<Vec<api::Person>>),
    handler: || get(list),
};

async fn list(State(app): State<Shared>, Who(caller): Who) -> Json<Vec<api::Person>> {
    Json(reading::people(&app, &caller.viewer))
}
