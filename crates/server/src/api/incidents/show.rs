//! `GET /api/v1/incidents/{incident}`

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use incident::Act;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::api::{Answer, Guard, JSON, Query, Route, Verb, View, Who, schema_of};
use crate::{Problem, Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/incidents/{incident}",
    name: "show_incident",
    summary: "Shows an incident, by `INC-12`, `12` or UUID.",
    guard: Guard::Person(Act::Read),
    query: Some(schema_of::<Params>),
    body: None,
    takes: JSON,
    answer: Answer::json("The incident.", schema_of::<Shown>),
    handler: || get(show),
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Params {
    /// `full`: with all that people said about it.
    #[serde(default)]
    view: View,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "describes the answer only")]
enum Shown {
    Plain(api::Incident),
    Full(Box<api::IncidentView>),
}

async fn show(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(name): Path<String>,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let id = reading::incident_named(&app, &caller.viewer, &name)?;
    Ok(match params.view {
        View::Plain => Json(reading::incident_contract(&app, &caller.viewer, id)?).into_response(),
        View::Full => Json(reading::incident_view(&app, &caller.viewer, id).await?).into_response(),
    })
}
