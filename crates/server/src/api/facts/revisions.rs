//! `GET /api/v1/facts/{fact}/revisions`

use axum::Json;
use axum::extract::{Path, State};
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, fact_id, schema_of};
use crate::{Problem, Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/facts/{fact}/revisions",
    name: "list_revisions",
    summary: "Lists every telling of a fact, oldest first.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("The tellings.", schema_of::<Vec<api::Revision>>),
    handler: || get(read),
};

async fn read(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(fact): Path<String>,
) -> Result<Json<Vec<api::Revision>>, Problem> {
    Ok(Json(reading::revisions(&app, &caller.viewer, fact_id(&fact)?).await?))
}
