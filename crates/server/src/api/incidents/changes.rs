//! `GET /api/v1/incidents/{incident}/changes`

use axum::Json;
use axum::extract::{Path, State};
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/incidents/{incident}/changes",
    name: "list_changes_before",
    summary: "Lists what was changed in the two hours before it began.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("Changes, newest first.", schema_of::<Vec<api::Row>>),
    handler: || get(read),
};

async fn read(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(name): Path<String>,
) -> Result<Json<Vec<api::Row>>, Problem> {
    let id = reading::incident_named(&app, &caller.viewer, &name)?;
    Ok(Json(reading::changes_before(&app, &caller.viewer, id).await?))
}
