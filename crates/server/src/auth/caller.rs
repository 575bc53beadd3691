//! Who makes a request; an extractor of every handler that reads or changes anything.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use fact::{PersonId, SourceId, Viewer};
use incident::{Act, Role};
use store::TokenScope;

use super::token::{self, Owner};
use super::{csrf, session};
use crate::{App, Problem, Shared};

/// How the caller proved who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A browser's session.
    Session,
    /// A token that may read.
    ReadToken,
    /// A token that may act.
    ActToken,
}

/// The person who makes a request, and what they may see.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub person: PersonId,
    /// What they may do.
    pub role: Role,
    /// How they proved it.
    pub via: Via,
    /// What they may see.
    pub viewer: Viewer,
}

impl Caller {
    /// Refuses unless the caller may. A token that reads may do nothing else, whoever's it is.
    pub fn may(&self, act: Act) -> Result<(), Problem> {
        if self.via == Via::ReadToken && !matches!(act, Act::Read | Act::Operate) {
            return Err(reads_only());
        }
        if act.is_allowed_for(self.role) {
            return Ok(());
        }
        let title = format!("This takes the role {}; yours is {}.", act.least_role(), self.role);
        Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", title)
            .hint("An admin can do it, or change your role: `deadstick people role`."))
    }
}

fn reads_only() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "token-reads-only", "This token may only read.")
        .hint("Make one with the scope `act`.")
}

fn unauthenticated() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "not-signed-in", "The request does not say who you are.").hint(
        "Open a one-time link (`deadstick serve` prints one, `deadstick people link NAME` makes one), \
         or send `Authorization: Bearer TOKEN`.",
    )
}

/// The token in `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl App {
    /// The person as a caller, if they are active.
    pub(crate) fn caller(&self, person: PersonId, via: Via) -> Option<Caller> {
        let state = self.state();
        let person = state.person(person).filter(|person| person.active)?;
        Some(Caller { person: person.id, role: person.role, via, viewer: state.viewer(person.id) })
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        if parts.headers.contains_key(header::AUTHORIZATION) {
            return by_token(parts, app).await;
        }
        let Some(secret) = session::shown(&app.config, &parts.headers) else { return Err(stranger(parts)) };
        let person = session::person(app, secret, parts.extensions.get()).await?;
        let caller = person.and_then(|person| app.caller(person, Via::Session));
        let Some(caller) = caller else { return Err(stranger(parts)) };
        if !csrf::is_own(&parts.method, &parts.headers, &app.config.base_url) {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "foreign-origin",
                "The request does not come from a page of this server.",
            )
            .hint("Use the page itself; programs send `Authorization: Bearer TOKEN` in place of a cookie."));
        }
        Ok(caller)
    }
}

async fn by_token(parts: &Parts, app: &App) -> Result<Caller, Problem> {
    let Some(shown) = bearer(&parts.headers) else { return Err(unauthenticated()) };
    let (person, via) = match token::owner(app, shown).await? {
        Some((Owner::Person(person), TokenScope::Act)) => (person, Via::ActToken),
        Some((Owner::Person(person), TokenScope::Read)) => (person, Via::ReadToken),
        _ => return Err(unauthenticated()),
    };
    let caller = app.caller(person, via).ok_or_else(unauthenticated)?;
    if via == Via::ReadToken && !parts.method.is_safe() {
        return Err(reads_only());
    }
    Ok(caller)
}

/// A person at a browser is shown how to get in, a program is told.
fn stranger(parts: &Parts) -> Problem {
    let accepts_html = parts
        .headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let is_page = parts.method == Method::GET && accepts_html && !parts.uri.path().starts_with("/api/");
    if is_page { unauthenticated().see_other("/sign-in") } else { unauthenticated() }
}

/// A source that writes its own facts, by its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorder {
    /// Which.
    pub source: SourceId,
}

impl FromRequestParts<Shared> for Recorder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let Some(shown) = bearer(&parts.headers) else { return Err(unauthenticated()) };
        match token::owner(app, shown).await? {
            Some((Owner::Source(source), TokenScope::Record))
                if app.state().sources.contains_key(&source) =>
            {
                Ok(Recorder { source })
            }
            Some(_) => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "not-a-recorder",
                "This token does not write facts of a source.",
            )
            .hint("Make one for the source with the scope `record`.")),
            None => Err(unauthenticated()),
        }
    }
}
