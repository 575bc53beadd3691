//! `GET /api/v1/incidents/{incident}/timeline`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use fact::{FactId, Kind};
use incident::Act;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Cursor, Order};

use crate::api::{Answer, Guard, JSON, Query, Route, Verb, View, Who, schema_of};
use crate::reading::{self, TimelineQuery};
use crate::{Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/incidents/{incident}/timeline",
    name: "read_timeline",
    summary: "Reads an incident's timeline by (occurred_at, position), in pages: go on with `beyond`, \
              or follow the `Link` header whose `rel` is `next`.",
    guard: Guard::Person(Act::Read),
    query: Some(schema_of::<Params>),
    body: None,
    takes: JSON,
    answer: Answer::json("Its facts.", schema_of::<Read>),
    handler: || get(read),
};

/// Lines of one answer unless told.
const LIMIT: usize = 1_000;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Params {
    /// `full`: with counts, gaps and all that a page shows of a fact.
    #[serde(default)]
    view: View,
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
    /// Oldest or newest first.
    #[serde(default)]
    order: Direction,
    /// Only what lies beyond this line: its `occurred_at`, a comma, its `position`.
    beyond: Option<String>,
    /// At most so many lines; 1,000 unless told, never more than 10,000.
    limit: Option<usize>,
    /// The part around this fact.
    around: Option<FactId>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Direction {
    #[default]
    Ascending,
    Descending,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "describes the answer only")]
enum Read {
    Plain(Vec<api::TimelineFact>),
    Full(api::Timeline),
}

async fn read(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(name): Path<String>,
    uri: Uri,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let id = reading::incident_named(&app, &caller.viewer, &name)?;
    let query = params.query()?;
    let timeline = reading::timeline(&app, &caller.viewer, id, &query).await?;
    let mut headers = HeaderMap::new();
    if let Some(next) = &timeline.next {
        let link = format!("<{}{}>; rel=\"next\"", app.config.base_url, next_page(&uri, next));
        headers.extend(HeaderValue::from_str(&link).ok().map(|link| (header::LINK, link)));
    }
    Ok(match params.view {
        View::Full => (headers, Json(timeline)).into_response(),
        View::Plain => {
            let facts: Vec<api::TimelineFact> = timeline.rows.into_iter().map(|row| row.fact).collect();
            (headers, Json(facts)).into_response()
        }
    })
}

/// The same query, beyond another place.
fn next_page(uri: &Uri, beyond: &str) -> String {
    let kept = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("beyond=") && !pair.starts_with("around="));
    let query: Vec<&str> = kept.collect();
    let between = if query.is_empty() { "" } else { "&" };
    format!("{}?{}{between}beyond={beyond}", uri.path(), query.join("&"))
}

impl Params {
    fn query(&self) -> Result<TimelineQuery, Problem> {
        let beyond = self.beyond.as_deref().map(str::parse::<api::Place>).transpose();
        let beyond = beyond.map_err(|error| unreadable(error.to_string()))?;
        Ok(TimelineQuery {
            sources: names(&self.sources),
            kinds: kinds(&self.kinds)?,
            starred: self.starred,
            include_hidden: self.hidden,
            order: match self.order {
                Direction::Ascending => Order::Ascending,
                Direction::Descending => Order::Descending,
            },
            beyond: beyond.map(|place| Cursor { occurred_at: place.occurred_at, position: place.position }),
            limit: self.limit.unwrap_or(LIMIT),
            around: self.around,
            bare: self.view == View::Plain,
        })
    }
}

fn unreadable(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-query", "The query can't be read.").detail(detail)
}

/// Names with commas between.
pub(super) fn names(text: &str) -> Vec<String> {
    text.split(',').filter(|name| !name.is_empty()).map(Into::into).collect()
}

/// Kinds with commas between.
pub(super) fn kinds(text: &str) -> Result<Vec<Kind>, Problem> {
    let kinds: Result<Vec<Kind>, _> = names(text).iter().map(|kind| kind.parse()).collect();
    kinds.map_err(|error| unreadable(error.to_string()))
}
