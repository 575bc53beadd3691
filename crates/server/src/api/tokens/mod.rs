//! Tokens for programs: a person's or a source's.

mod add;
mod list;
mod revoke;

use super::Route;
use crate::{App, reading};

pub(super) fn routes() -> Vec<Route> {
    vec![list::ROUTE, add::ROUTE, revoke::ROUTE]
}

/// A token as it is told: never with its secret.
fn view(app: &App, token: &store::Token) -> api::Token {
    let state = app.state();
    api::Token {
        id: token.id,
        label: token.label.clone(),
        scope: match token.scope {
            store::TokenScope::Read => api::TokenScope::Read,
            store::TokenScope::Act => api::TokenScope::Act,
            store::TokenScope::Record => api::TokenScope::Record,
        },
        person: token.person.map(|person| reading::person_ref(&state, person)),
        source: token.source.and_then(|source| state.sources.get(&source)).map(|source| source.name.clone()),
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used: token.last_used,
    }
}

/// Whether the caller may see and revoke a token: their own, or with the role for it all but those
/// of private sources that they don't see.
fn is_theirs(caller: &crate::auth::Caller, token: &store::Token) -> bool {
    let manages = caller.may(incident::Act::ManageTokens).is_ok();
    match (token.person, token.source) {
        (Some(person), _) => person == caller.person || manages,
        (None, Some(source)) => manages && caller.viewer.sees_source(source),
        (None, None) => manages,
    }
}
