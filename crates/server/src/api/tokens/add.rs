//! `POST /api/v1/tokens`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use fact::{PersonId, Timestamp};
use incident::Act;
use schemars::JsonSchema;
use serde::Deserialize;
use store::TokenScope;

use crate::api::{Answer, Body, Guard, JSON, Route, Verb, Who, schema_of};
use crate::auth::{Caller, Owner};
use crate::{App, Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Post,
    path: "/api/v1/tokens",
    name: "add_token",
    summary: "Makes a token, for oneself or with the role for it for a source or another person; its \
              secret is told this once.",
    guard: Guard::Person(Act::OwnTokens),
    query: None,
    body: Some(schema_of::<NewToken>),
    takes: JSON,
    answer: Answer::json("The token, with its secret.", schema_of::<api::NewToken>),
    handler: || post(add),
};

/// A token to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// What it is for.
    label: String,
    /// What it may do: `record` for sources, `read` or `act` for people.
    scope: api::TokenScope,
    /// The source whose facts it writes.
    #[serde(default)]
    source: Option<String>,
    /// The person who is meant; the caller if left out.
    #[serde(default)]
    person: Option<PersonId>,
    /// Until when it works; until it is revoked if left out.
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

async fn add(
    State(app): State<Shared>,
    Who(caller): Who,
    Body(new): Body<NewToken>,
) -> Result<Json<api::NewToken>, Problem> {
    let label = new.label.trim();
    if label.is_empty() || label.chars().count() > 200 || label.contains(char::is_control) {
        return Err(invalid("bad-label", "Say in a line what the token is for."));
    }
    if new.expires_at.is_some_and(|at| at <= app.now()) {
        return Err(invalid("expired-already", "The token would have expired already."));
    }
    let (owner, scope) = owner(&app, &caller, &new)?;
    let (token, secret) = app.issue_token(owner, scope, label.into(), new.expires_at).await?;
    Ok(Json(api::NewToken { about: super::view(&app, &token), token: secret.0 }))
}

fn owner(app: &App, caller: &Caller, new: &NewToken) -> Result<(Owner, TokenScope), Problem> {
    let state = app.state();
    let scope = match (new.scope, &new.source) {
        (api::TokenScope::Record, Some(name)) => {
            caller.may(Act::ManageTokens)?;
            let source = state.source_named(name).filter(|source| caller.viewer.sees_source(source.id));
            return Ok((Owner::Source(source.ok_or_else(Problem::not_found)?.id), TokenScope::Record));
        }
        (api::TokenScope::Read, None) => TokenScope::Read,
        (api::TokenScope::Act, None) => TokenScope::Act,
        (api::TokenScope::Record, None) => {
            return Err(invalid("no-source", "Name the source whose facts the token shall write."));
        }
        (_, Some(_)) => {
            return Err(invalid("sources-record", "A source's token writes facts: its scope is `record`."));
        }
    };
    let wanted = new.person.unwrap_or(caller.person);
    let person = state.person(wanted).filter(|person| person.active).ok_or_else(Problem::not_found)?;
    if person.id != caller.person {
        caller.may(Act::ManageTokens)?;
        // As with a link for somebody, whoever makes it could use it: the server's log says who did.
        tracing::info!(by = %caller.person, of = %person.id, "token made for another person");
    }
    Ok((Owner::Person(person.id), scope))
}

fn invalid(code: &str, title: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, title)
}
