//! `POST /api/v1/redactions`

use api::{RedactionDone, RedactionRequest};
use axum::Json;
use axum::extract::State;
use axum::routing::post;
use incident::Act;

use crate::api::{Answer, Body, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Post,
    path: "/api/v1/redactions",
    name: "redact",
    summary: "Removes facts for good, with their revisions, payloads and whatever quotes them.",
    guard: Guard::Person(Act::Redact),
    query: None,
    body: Some(schema_of::<RedactionRequest>),
    takes: JSON,
    answer: Answer::json("What is gone, or would be.", schema_of::<RedactionDone>),
    handler: || post(redact),
};

async fn redact(
    State(app): State<Shared>,
    Who(caller): Who,
    Body(request): Body<RedactionRequest>,
) -> Result<Json<RedactionDone>, Problem> {
    Ok(Json(app.redact(caller.person, request).await?))
}
