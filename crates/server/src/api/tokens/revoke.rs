//! `DELETE /api/v1/tokens/{token}`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::delete;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who};
use crate::{Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Delete,
    path: "/api/v1/tokens/{token}",
    name: "revoke_token",
    summary: "Revokes a token; it stops working at once.",
    guard: Guard::Person(Act::OwnTokens),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer { status: 204, says: "It is gone.", media: JSON, schema: None },
    handler: || delete(revoke),
};

async fn revoke(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(token): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = token.parse().map_err(|_| Problem::not_found())?;
    let tokens = app.store.tokens().await?;
    let token = tokens.iter().find(|token| token.id == id);
    token.filter(|token| super::is_theirs(&caller, token)).ok_or_else(Problem::not_found)?;
    app.store.revoke_token(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
