//! `GET /api/v1/facts/{fact}`

use axum::Json;
use axum::extract::{Path, State};
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, fact_id, schema_of};
use crate::{Problem, Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/facts/{fact}",
    name: "show_fact",
    summary: "Shows a fact: all its tellings, the payloads as they came, and where it lies.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("The fact.", schema_of::<api::FactView>),
    handler: || get(read),
};

async fn read(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(fact): Path<String>,
) -> Result<Json<api::FactView>, Problem> {
    Ok(Json(reading::fact_view(&app, &caller.viewer, fact_id(&fact)?).await?))
}
