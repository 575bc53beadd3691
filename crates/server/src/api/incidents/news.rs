//! `GET /api/v1/incidents/{incident}/news`

use axum::Json;
use axum::extract::{Path, State};
use axum::routing::get;
use incident::Act;
use schemars::JsonSchema;
use serde::Deserialize;

use super::timeline::{kinds, names};
use crate::api::{Answer, Guard, JSON, Query, Route, Verb, Who, schema_of};
use crate::reading::{self, TimelineQuery};
use crate::{Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/incidents/{incident}/news",
    name: "read_news",
    summary: "Reads what was recorded of an incident after a position, wherever in time it lies.",
    guard: Guard::Person(Act::Read),
    query: Some(schema_of::<Params>),
    body: None,
    takes: JSON,
    answer: Answer::json("Its new facts.", schema_of::<api::News>),
    handler: || get(read),
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Params {
    /// The `position` of the last answer, or of the timeline that was read.
    #[serde(default)]
    after: u64,
    /// Only these sources, by name, with commas between.
    #[serde(default)]
    sources: String,
    /// Only these kinds, with commas between.
    #[serde(default)]
    kinds: String,
    /// Only starred facts.
    #[serde(default)]
    starred: bool,
    /// Also facts that were hidden or taken back.
    #[serde(default)]
    hidden: bool,
}

async fn read(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(name): Path<String>,
    Query(params): Query<Params>,
) -> Result<Json<api::News>, Problem> {
    let id = reading::incident_named(&app, &caller.viewer, &name)?;
    let query = TimelineQuery {
        sources: names(&params.sources),
        kinds: kinds(&params.kinds)?,
        starred: params.starred,
        include_hidden: params.hidden,
        ..TimelineQuery::default()
    };
    reading::news(&app, &caller.viewer, id, params.after, &query).await.map(Json)
}
