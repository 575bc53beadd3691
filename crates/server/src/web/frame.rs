//! The frame of every page: title, navigation, who reads, in which zone, what it listens to.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::assets;
use super::zone::Zone;
use crate::Problem;

/// Where in the navigation a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Here {
    Now,
    Incidents,
    Sources,
    People,
    Elsewhere,
}

/// The live stream that a page listens to, and the position that it was read at.
#[derive(Debug, Clone)]
pub(crate) struct Listen {
    pub(crate) url: String,
    pub(crate) position: u64,
}

/// What the frame of a page shows.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) page: &'static str,
    pub(crate) here: Here,
    /// Whether the navigation is shown: not to strangers.
    pub(crate) nav: bool,
    pub(crate) person: Option<String>,
    pub(crate) zone: Zone,
    pub(crate) listen: Option<Listen>,
    /// Where forms lead back to.
    pub(crate) back: String,
}

impl Frame {
    /// A page's frame, for somebody.
    pub(crate) fn new(
        page: &'static str,
        here: Here,
        title: impl Into<String>,
        person: Option<String>,
        zone: Zone,
        back: impl Into<String>,
    ) -> Self {
        Frame { title: title.into(), page, here, nav: true, person, zone, listen: None, back: back.into() }
    }

    /// With a live stream.
    pub(crate) fn listening(mut self, url: impl Into<String>, position: u64) -> Self {
        self.listen = Some(Listen { url: url.into(), position });
        self
    }

    /// Where the page finds an asset.
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// The digest of the assets that the page was made for.
    pub(crate) fn assets(&self) -> &'static str {
        assets::folder()
    }

    /// For `aria-current`.
    pub(crate) fn is(&self, here: Here) -> bool {
        self.here == here
    }

    #[cfg(test)]
    pub(crate) fn sample(page: &'static str, here: Here, title: &str) -> Self {
        Frame::new(page, here, title, Some("Ada".into()), Zone::named("Europe/Berlin"), "/")
    }
}

/// Only what the server itself sends, and nothing inline, runs or is shown in a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A rendered page as an answer.
pub(crate) fn html(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(body) => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CACHE_CONTROL, "no-store"),
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::REFERRER_POLICY, "same-origin"),
            ];
            let mut response = (status, headers, body).into_response();
            response
                .headers_mut()
                .insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "not-rendered", "The page could not be made.")
                .into_response()
        }
    }
}
