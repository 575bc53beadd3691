//! What holds for every answer: security headers, caught panics, bodies within a time.

use std::any::Any;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use crate::Problem;

/// How long the body of a request may take as a whole.
const BODY: Duration = Duration::from_secs(60);

/// Everything from our own origin, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Headers of every answer, where the handler did not set its own.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Adds the headers.
pub(crate) async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Ends bodies that drip.
pub(crate) async fn hurry(request: Request, next: Next) -> Response {
    let deadline = Instant::now() + BODY;
    let request = request.map(|body| {
        let stream = stream::unfold(Some(body.into_data_stream()), move |stream| async move {
            let mut stream = stream?;
            match timeout_at(deadline, stream.next()).await {
                Ok(None) => None,
                Ok(Some(Ok(chunk))) => Some((Ok(chunk), Some(stream))),
                Ok(Some(Err(error))) => Some((Err(error), None)),
                Err(late) => Some((Err(axum::Error::new(late)), None)),
            }
        });
        Body::from_stream(stream)
    });
    next.run(request).await
}

/// A panic is our mistake: logged, and told without details.
pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Response {
    let what = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("something that is no text");
    tracing::error!(what, "a handler panicked");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "panicked", "The server made a mistake.")
        .hint("Its log says where. Nothing that was answered to be stored is lost.")
        .into_response()
}
