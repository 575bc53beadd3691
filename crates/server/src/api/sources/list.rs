//! `GET /api/v1/sources`

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/sources",
    name: "list_sources",
    summary: "Lists sources by name, and how their recording goes.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("The sources that the caller may see.", schema_of::<Vec<api::SourceView>>),
    handler: || get(list),
};

async fn list(State(app): State<Shared>, Who(caller): Who) -> Result<Json<Vec<api::SourceView>>, Problem> {
    Ok(Json(reading::sources(&app, &caller.viewer).await?))
}
