//! A page that says what failed, why, and what to do.

use askama::Template;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::frame::{Frame, Here, html};
use super::zone::Zone;
use crate::Problem;

/// A problem, shown as a page.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Problem);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Refused(problem)
    }
}

impl From<store::StoreError> for Refused {
    fn from(error: store::StoreError) -> Self {
        Refused(error.into())
    }
}

/// What is at no route: a page for a browser, a document for a program.
pub(super) async fn nothing(uri: Uri, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.contains("text/html") && !uri.path().starts_with("/api/") {
        Refused(Problem::not_found()).into_response()
    } else {
        Problem::not_found().into_response()
    }
}

#[derive(Template)]
#[template(path = "refusal/refusal.html")]
pub(crate) struct Page<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) problem: &'a api::Problem,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        // Whoever is not signed in is shown the way in.
        if self.0.status == StatusCode::UNAUTHORIZED {
            return self.0.into_response();
        }
        let frame = Frame::new("refusal", Here::Elsewhere, "Not done", None, Zone::default(), "/");
        html(self.0.status, &Page { frame: &frame, problem: &self.0.body })
    }
}
