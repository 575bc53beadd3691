//! The pages of signing in and out: plain forms that work without scripts.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fact::PersonId;

use super::secret::{Purpose, digest};
use super::{Caller, ClientAddress, Via, session};
use crate::web::door::{Door, door};
use crate::{Problem, Shared};

/// The routes of this part.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/sign-in", get(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/login/{secret}", get(log_in))
        .route("/invite/{secret}", get(show_invite).post(accept_invite))
}

async fn sign_in() -> Response {
    door(StatusCode::OK, Door::SignIn)
}

async fn sign_out(
    State(app): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let (Via::Session, Some(secret)) = (caller.via, session::shown(&app.config, &headers)) {
        app.store.end_session(digest(Purpose::Session, secret)).await?;
    }
    let cookie = [(header::SET_COOKIE, session::clear_cookie(&app.config))];
    Ok((cookie, Redirect::to("/sign-in")).into_response())
}

async fn log_in(
    State(app): State<Shared>,
    Path(secret): Path<String>,
    address: ClientAddress,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    match app.store.take_invite(digest(Purpose::Login, &secret), app.now()).await? {
        Some(person) => enter(&app, person, &headers).await,
        None => Ok(dead_link(&app, address)),
    }
}

/// The preview of a link in a chat ends here; it uses nothing up.
async fn show_invite(
    State(app): State<Shared>,
    Path(secret): Path<String>,
    address: ClientAddress,
) -> Result<Response, Problem> {
    match app.store.invite(digest(Purpose::Invite, &secret), app.now()).await? {
        Some(_) => Ok(door(StatusCode::OK, Door::Invited)),
        None => Ok(dead_link(&app, address)),
    }
}

async fn accept_invite(
    State(app): State<Shared>,
    Path(secret): Path<String>,
    address: ClientAddress,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    match app.store.take_invite(digest(Purpose::Invite, &secret), app.now()).await? {
        Some(person) => enter(&app, person, &headers).await,
        None => Ok(dead_link(&app, address)),
    }
}

async fn enter(app: &Shared, person: PersonId, headers: &HeaderMap) -> Result<Response, Problem> {
    let Some(caller) = app.caller(person, Via::Session) else {
        return Ok(door(StatusCode::FORBIDDEN, Door::NotActive));
    };
    let cookie = [(header::SET_COOKIE, session::start(app, caller.person, headers).await?)];
    Ok((cookie, Redirect::to("/")).into_response())
}

fn dead_link(app: &Shared, address: ClientAddress) -> Response {
    if app.failures.count(address.0, app.now()) {
        return Problem::too_many().into_response();
    }
    door(StatusCode::GONE, Door::DeadLink)
}
