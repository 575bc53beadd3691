//! What handlers take: who calls, the query, the body. What is wrong with them is a problem document.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use fact::FactId;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::auth::Caller;
use crate::{Problem, Shared};

/// The caller, let in by the table's check.
#[derive(Debug, Clone)]
pub struct Who(pub Caller);

impl FromRequestParts<Shared> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        parts.extensions.get::<Who>().cloned().ok_or_else(Problem::not_found)
    }
}

/// The query's parameters.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Shared> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri).map(|query| Query(query.0)).map_err(|rejection| {
            Problem::new(StatusCode::BAD_REQUEST, "bad-query", "The query can't be read.")
                .detail(rejection.body_text())
        })
    }
}

/// The body, as JSON whatever its content type says.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, app).await.map_err(|rejection| {
            let status = rejection.status();
            let code = if status == StatusCode::PAYLOAD_TOO_LARGE { "too-large" } else { "bad-body" };
            Problem::new(status, code, "The body can't be taken.").detail(rejection.body_text())
        })?;
        serde_json::from_slice(&bytes).map(Body).map_err(|error| {
            Problem::new(StatusCode::BAD_REQUEST, "bad-json", "The body is not the JSON expected here.")
                .detail(error.to_string())
        })
    }
}

/// A fact's id in a path; what is no id names nothing.
pub(super) fn fact_id(text: &str) -> Result<FactId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// How much of a resource is told.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum View {
    /// The fields of the contract.
    #[default]
    Plain,
    /// All.
    Full,
}
