//! `POST /api/v1/sources/{source}/test`

use api::Delivered;
use axum::Json;
use axum::extract::{Path, State};
use axum::routing::post;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::recording::record_sample;
use crate::{Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Post,
    path: "/api/v1/sources/{source}/test",
    name: "test_source",
    summary: "Records a sample in the name of a source: kind `test`, in no incident's window.",
    guard: Guard::Person(Act::Respond),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("What became of the sample.", schema_of::<Delivered>),
    handler: || post(test),
};

async fn test(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(name): Path<String>,
) -> Result<Json<Delivered>, Problem> {
    Ok(Json(record_sample(&app, &caller.viewer, &name).await?))
}
