//! The pages of signing in and out: plain forms that work without scripts.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fact::PersonId;

use super::secret::{Purpose, digest};
use super::{Caller, ClientAddress, Via, session};
use crate::{Problem, Shared};

/// The routes of this part.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/sign-in", get(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/login/{secret}", get(log_in))
        .route("/invite/{secret}", get(show_invite).post(accept_invite))
}

/// A page of its own: it must read well before anybody is signed in.
fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title} · deadstick</title>\n\
         <link rel=\"stylesheet\" href=\"/assets/app.css\">\n</head>\n\
         <body>\n<main class=\"door\">\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    );
    (status, Html(html)).into_response()
}

async fn sign_in() -> Response {
    page(
        StatusCode::OK,
        "Sign in",
        "<p>You get in by a one-time link; there are no passwords.</p>\n<ul>\n\
         <li>On the machine that runs the server, <code>deadstick serve</code> prints one when it starts.</li>\n\
         <li>Anybody with the role admin makes one for you: <code>deadstick people link NAME</code>.</li>\n\
         </ul>",
    )
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
        Some(_) => Ok(page(
            StatusCode::OK,
            "You are invited",
            "<p>This link works once, in this browser.</p>\n\
             <form method=\"post\"><button type=\"submit\" autofocus>Sign in</button></form>",
        )),
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
        return Ok(page(
            StatusCode::FORBIDDEN,
            "Not active",
            "<p>You are no longer active here. Somebody with the role admin can add you again.</p>",
        ));
    };
    let cookie = [(header::SET_COOKIE, session::start(app, caller.person, headers).await?)];
    Ok((cookie, Redirect::to("/")).into_response())
}

fn dead_link(app: &Shared, address: ClientAddress) -> Response {
    if app.failures.count(address.0, app.now()) {
        return Problem::too_many().into_response();
    }
    page(
        StatusCode::GONE,
        "This link no longer works",
        "<p>It was used already, or its time is over. A link works once.</p>\n\
         <p>Ask whoever sent it for another one (<code>deadstick people link NAME</code>), \
         or start <code>deadstick serve</code> again, which prints a fresh one.</p>\n\
         <p>If you opened it in this browser before, you may be signed in: <a href=\"/\">go on</a>.</p>",
    )
}
