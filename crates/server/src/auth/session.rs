//! Sessions of browsers: a cookie with a random secret, kept as a digest.

use std::sync::{Arc, OnceLock};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use fact::{PersonId, Timestamp};
use store::{SecretHash, Session, StoreError};

use super::secret::{Purpose, digest, fresh};
use super::touch::Used;
use crate::{App, Config};

const DAY: i64 = 24 * 60;

/// Minutes without use after which a session ends.
const IDLE_MINUTES: i64 = 30 * DAY;

/// Minutes for which a replaced cookie still works: requests under way carry it.
const GRACE_MINUTES: i64 = 1;

/// The name of the cookie.
///
/// Over plain HTTP it holds the port, since browsers share cookies between the ports of a host
/// and two servers on one machine would log each other's people out.
pub(crate) fn cookie_name(config: &Config) -> String {
    if config.is_https {
        return "__Host-deadstick".into();
    }
    let port = config.base_url.rsplit(':').next().filter(|port| port.parse::<u16>().is_ok());
    format!("deadstick-{}", port.unwrap_or("80"))
}

fn set_cookie(config: &Config, value: &str, max_age_s: i64) -> HeaderValue {
    let name = cookie_name(config);
    let secure = if config.is_https { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}");
    HeaderValue::from_str(&cookie).expect("a cookie of letters and digits is a header")
}

/// The cookie that ends the session in the browser.
pub(crate) fn clear_cookie(config: &Config) -> HeaderValue {
    set_cookie(config, "", 0)
}

/// The secret in the request's cookie.
pub(crate) fn shown<'a>(config: &Config, headers: &'a HeaderMap) -> Option<&'a str> {
    let name = cookie_name(config);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// The digest of the session in the request's cookie, whether or not there is one of it.
pub(crate) fn shown_session(config: &Config, headers: &HeaderMap) -> Option<SecretHash> {
    shown(config, headers).map(|secret| digest(Purpose::Session, secret))
}

/// Where an extractor leaves a replaced cookie for the answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewCookie(Arc<OnceLock<HeaderValue>>);

/// Sends a replaced cookie with the answer.
pub(crate) async fn carry_cookie(mut request: Request, next: Next) -> Response {
    let cookie = NewCookie::default();
    request.extensions_mut().insert(cookie.clone());
    let mut response = next.run(request).await;
    if let Some(value) = cookie.0.get() {
        response.headers_mut().append(header::SET_COOKIE, value.clone());
    }
    response
}

impl App {
    /// The sessions of a person that still work, the last used first.
    pub async fn sessions(&self, person: PersonId) -> Result<Vec<Session>, StoreError> {
        let now = self.now();
        let mut sessions = self.store.sessions(person).await?;
        sessions.retain(|session| session.expires_at > now);
        sessions.sort_by_key(|session| std::cmp::Reverse(session.last_used));
        Ok(sessions)
    }
}

/// Starts a session; the cookie to set.
pub(crate) async fn start(
    app: &App,
    person: PersonId,
    headers: &HeaderMap,
) -> Result<HeaderValue, StoreError> {
    let secret = fresh(app.ids.as_ref());
    let now = app.now();
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let session = Session {
        hash: digest(Purpose::Session, &secret),
        person,
        created_at: now,
        expires_at: now.plus_minutes(IDLE_MINUTES),
        last_used: now,
        agent: agent.chars().take(200).collect(),
    };
    app.store.add_session(session).await?;
    Ok(set_cookie(&app.config, &secret, IDLE_MINUTES * 60))
}

/// Whose session it is; replaces its secret once a day.
pub(crate) async fn person(
    app: &App,
    secret: &str,
    new_cookie: Option<&NewCookie>,
) -> Result<Option<PersonId>, StoreError> {
    let now = app.now();
    let hash = digest(Purpose::Session, secret);
    let Some(session) = app.store.session(hash, now).await? else { return Ok(None) };
    let person = session.person;
    match new_cookie {
        Some(slot) if is_due(&session, now) => rotate(app, session, slot, now).await?,
        _ if now.micros_since(session.last_used) >= 60_000_000 => app.touches.note(Used::Session(hash), now),
        _ => {}
    }
    Ok(Some(person))
}

/// A cookie in its grace has been replaced already and is left alone.
fn is_due(session: &Session, now: Timestamp) -> bool {
    now.plus_minutes(GRACE_MINUTES) < session.expires_at
        && session.expires_at <= now.plus_minutes(IDLE_MINUTES - DAY)
}

async fn rotate(app: &App, old: Session, slot: &NewCookie, now: Timestamp) -> Result<(), StoreError> {
    // Several requests of one page come at once: the first one replaces the cookie.
    let _one_at_a_time = app.rotations.lock().await;
    match app.store.session(old.hash, now).await? {
        Some(session) if is_due(&session, now) => {}
        _ => return Ok(()),
    }
    let secret = fresh(app.ids.as_ref());
    let old_hash = old.hash;
    let new = Session {
        hash: digest(Purpose::Session, &secret),
        expires_at: now.plus_minutes(IDLE_MINUTES),
        last_used: now,
        ..old
    };
    app.store.rotate_session(old_hash, new, now.plus_minutes(GRACE_MINUTES)).await?;
    // An answer carries one new cookie at most: the slot is empty here.
    let _ = slot.0.set(set_cookie(&app.config, &secret, IDLE_MINUTES * 60));
    Ok(())
}
