//! `GET /api/v1/incidents/{incident}/export`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use incident::Act;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::api::{Answer, Guard, JSON, Query, Route, Verb, Who, schema_of};
use crate::{Problem, Shared, reading};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/incidents/{incident}/export",
    name: "export_incident",
    summary: "Exports an incident with everything of it that the caller may see: as JSON, which another \
              server imports without loss, or as Markdown, to read.",
    guard: Guard::Person(Act::Read),
    query: Some(schema_of::<Params>),
    body: None,
    takes: JSON,
    answer: Answer::json("The incident (docs/formats/export.md).", schema_of::<api::Export>),
    handler: || get(export),
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Params {
    /// `json` unless told, or `markdown`.
    #[serde(default)]
    format: Format,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Markdown,
}

async fn export(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(name): Path<String>,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let id = reading::incident_named(&app, &caller.viewer, &name)?;
    Ok(match params.format {
        Format::Json => Json(reading::export(&app, &caller.viewer, id).await?).into_response(),
        Format::Markdown => {
            let text = reading::markdown(&app, &caller.viewer, id).await?;
            ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response()
        }
    })
}
