//! `GET /api/v1/openapi.json`

use axum::Json;
use axum::routing::get;
use incident::Act;
use serde_json::Value;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, document, schema_of};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/openapi.json",
    name: "read_openapi",
    summary: "Tells this document.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("The OpenAPI document.", schema_of::<Value>),
    handler: || get(read),
};

async fn read(Who(_): Who) -> Json<Value> {
    Json(document())
}
