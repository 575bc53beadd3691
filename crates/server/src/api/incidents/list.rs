//! `GET /api/v1/incidents`

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/incidents",
    name: "list_incidents",
    summary: "Lists incidents, newest start first, closed ones included.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("The incidents that the caller may see.", schema_of::<Vec<api::Incident>>),
    handler: || get(list),
};

async fn list(State(app): State<Shared>, Who(caller): Who) -> Json<Vec<api::Incident>> {
    Json(reading::incident_list(&app, &caller.viewer))
}
