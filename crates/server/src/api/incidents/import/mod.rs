//! `POST /api/v1/incidents/import`
//!
//! The other side of an export (docs/formats/export.md). The same export again adds nothing.
//! What another server knows under its own names (facts, people, sources, the incident's number) is
//! given names of this one. Nobody is taken for somebody else because of a name.

mod ids;
mod keep;
mod names;
mod rewrite;

use api::{Export, Imported};
use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use incident::Act;

use crate::api::{Answer, Body, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared};

/// Largest export taken, in bytes.
const MAX_BODY: usize = 256 << 20;

pub(super) const ROUTE: Route = Route {
    verb: Verb::Post,
    path: "/api/v1/incidents/import",
    name: "import_incident",
    summary: "Takes in an incident that another server exported as JSON. The same again adds nothing.",
    guard: Guard::Person(Act::ManageSources),
    query: None,
    body: Some(schema_of::<Export>),
    takes: JSON,
    answer: Answer::json("What was taken in.", schema_of::<Imported>),
    handler: || post(import).layer(DefaultBodyLimit::max(MAX_BODY)),
};

async fn import(
    State(app): State<Shared>,
    Who(caller): Who,
    Body(export): Body<Export>,
) -> Result<Json<Imported>, Problem> {
    Ok(Json(keep::import(&app, &caller, export).await?))
}
