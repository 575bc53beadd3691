//! `POST /api/v1/sources`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use fact::{FactId, Viewer};
use incident::{Act, Command, Envelope, Source, SourceKind};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::api::{Answer, Body, Guard, JSON, Route, Verb, Who, schema_of};
use crate::auth::source_secret;
use crate::{App, Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Post,
    path: "/api/v1/sources",
    name: "add_source",
    summary: "Adds a source and tells where to deliver. The same again answers the same; the name of a \
              source of another kind is refused.",
    guard: Guard::Person(Act::ManageSources),
    query: None,
    body: Some(schema_of::<NewSource>),
    takes: JSON,
    answer: Answer::json("Where to deliver; the url carries the secret.", schema_of::<api::SourceAdded>),
    handler: || post(add),
};

/// A source to be added.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewSource {
    /// The id of the fact that adds it; chosen by the server if left out.
    id: Option<FactId>,
    /// What it speaks.
    kind: SourceKind,
    /// Its name, unique.
    name: String,
    /// Only its members see its facts; the caller is the first one.
    #[serde(default)]
    private: bool,
}

async fn add(
    State(app): State<Shared>,
    Who(caller): Who,
    Body(new): Body<NewSource>,
) -> Result<Json<api::SourceAdded>, Problem> {
    if let Some(known) = known(&app, &caller.viewer, &new)? {
        return Ok(Json(known));
    }
    let command = Command::AddSource { kind: new.kind, name: new.name.clone(), private: new.private };
    let id = new.id.unwrap_or_else(|| app.ids.fact_id(app.now()));
    let done = app.execute(caller.person, Envelope { id, given_at: None, seen_version: None, command }).await;
    // Somebody else may have added it a moment before.
    let viewer = app.state().viewer(caller.person);
    match (known(&app, &viewer, &new)?, done) {
        (Some(known), _) => Ok(Json(known)),
        (None, Err(problem)) => Err(problem),
        (None, Ok(_)) => Err(Problem::not_found()),
    }
}

fn known(app: &App, viewer: &Viewer, new: &NewSource) -> Result<Option<api::SourceAdded>, Problem> {
    let state = app.state();
    match state.source_named(new.name.trim()) {
        None => Ok(None),
        Some(source) if !viewer.sees_source(source.id) => {
            let title = "There is a source of this name already.";
            Err(Problem::new(StatusCode::CONFLICT, "name-taken", title).hint("Choose another name."))
        }
        Some(source) if source.kind == new.kind => Ok(Some(delivery(app, source))),
        Some(source) => {
            let title = format!("There is a source of this name already, of kind {}.", source.kind);
            Err(Problem::new(StatusCode::CONFLICT, "other-kind", title).hint("Choose another name."))
        }
    }
}

/// Where a source delivers.
fn delivery(app: &App, source: &Source) -> api::SourceAdded {
    let secret = source_secret(&app.config.key, source).0;
    api::SourceAdded {
        source: source.name.clone(),
        kind: source.kind,
        url: format!("{}/in/{}/{secret}", app.config.base_url, source.name),
        secret,
    }
}
