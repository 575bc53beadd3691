//! `GET /api/v1/incidents/{incident}/proposals`

use axum::Json;
use axum::extract::{Path, State};
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/incidents/{incident}/proposals",
    name: "list_proposals",
    summary: "Lists what may be the results of actions, with the reason and people's words on it.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("By action and time; decided ones included.", schema_of::<Vec<api::Proposal>>),
    handler: || get(read),
};

async fn read(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(name): Path<String>,
) -> Result<Json<Vec<api::Proposal>>, Problem> {
    let id = reading::incident_named(&app, &caller.viewer, &name)?;
    Ok(Json(reading::proposals_of(&app, &caller.viewer, id).await?))
}
