//! `GET /api/v1/tokens`

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/tokens",
    name: "list_tokens",
    summary: "Lists tokens, newest first: one's own, and all with the role for it.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("Tokens without their secrets.", schema_of::<Vec<api::Token>>),
    handler: || get(list),
};

async fn list(State(app): State<Shared>, Who(caller): Who) -> Result<Json<Vec<api::Token>>, Problem> {
    let mut tokens = app.store.tokens().await?;
    // A token that reads must not tell which tokens act.
    tokens.retain(|token| super::is_theirs(&caller, token));
    tokens.sort_by_key(|token| std::cmp::Reverse((token.created_at, token.id)));
    Ok(Json(tokens.iter().map(|token| super::view(&app, token)).collect()))
}
