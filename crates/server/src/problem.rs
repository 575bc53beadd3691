//! Errors as RFC 9457 problem documents.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use incident::{Refusal, Refused};

/// An answer that says what failed, why, and what to do.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The document.
    pub body: Box<api::Problem>,
    /// Where a browser is sent instead.
    see_other: Option<&'static str>,
}

impl Problem {
    /// A problem with a stable code and a sentence.
    pub fn new(status: StatusCode, code: &str, title: impl Into<String>) -> Self {
        Problem { status, body: Box::new(api::Problem::new(status.as_u16(), code, title)), see_other: None }
    }

    /// Sends a browser to another page in place of the document.
    #[must_use]
    pub(crate) fn see_other(mut self, path: &'static str) -> Self {
        self.see_other = Some(path);
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.body.hint = Some(hint.into());
        self
    }

    /// With more about this case.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.body.detail = Some(detail.into());
        self
    }

    /// What is not there and what one may not see answer alike, byte for byte.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is nothing here that you may see.")
    }

    /// Somebody guesses.
    pub(crate) fn too_many() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-failures",
            "Too many failed attempts from this address.",
        )
        .hint("Wait a minute.")
    }

    /// The store failed; the details go to the log, not to the client.
    pub fn store(error: &store::StoreError) -> Self {
        tracing::error!(error = %chain(error), "store failed");
        match error {
            store::StoreError::Unwritable { what } => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "log-unwritable", format!("The log can't be written: {what}"))
                    .hint("Nothing of this request was kept. Make room or make the directory writable, then send it again.")
            }
            _ => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "store-failed", "The log could not answer.")
                .hint("The server's log says why; `deadstick doctor` and `deadstick verify` look further."),
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}

impl From<store::StoreError> for Problem {
    fn from(error: store::StoreError) -> Self {
        Self::store(&error)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let status = match refused.refusal {
            Refusal::NotFound => return Self::not_found(),
            Refusal::Conflict | Refusal::Ambiguous => StatusCode::CONFLICT,
            Refusal::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::Forbidden => StatusCode::FORBIDDEN,
        };
        let mut problem = Self::new(status, refused.code, refused.message);
        problem.body.hint = refused.hint;
        problem.body.choices = refused.choices;
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Some(path) = self.see_other {
            return Redirect::to(path).into_response();
        }
        let body = serde_json::to_vec(&self.body).unwrap_or_default();
        let mut response =
            (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}
