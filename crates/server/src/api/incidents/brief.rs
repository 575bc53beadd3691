//! `GET /api/v1/incidents/{incident}/brief`

use axum::Json;
use axum::extract::{Path, State};
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/incidents/{incident}/brief",
    name: "read_brief",
    summary: "Tells who joins late, or takes over command, how it stands.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("The brief, as data and as text.", schema_of::<api::Brief>),
    handler: || get(read),
};

async fn read(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(name): Path<String>,
) -> Result<Json<api::Brief>, Problem> {
    let id = reading::incident_named(&app, &caller.viewer, &name)?;
    Ok(Json(reading::brief(&app, &caller.viewer, id).await?))
}
