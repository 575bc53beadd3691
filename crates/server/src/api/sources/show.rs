//! `GET /api/v1/sources/{source}`

use axum::Json;
use axum::extract::{Path, State};
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/sources/{source}",
    name: "show_source",
    summary: "Shows a source, by name, and how its recording goes.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("The source.", schema_of::<api::SourceView>),
    handler: || get(show),
};

async fn show(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(name): Path<String>,
) -> Result<Json<api::SourceView>, Problem> {
    Ok(Json(reading::source_view(&app, &caller.viewer, &name).await?))
}
