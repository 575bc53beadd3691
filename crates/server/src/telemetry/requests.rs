//! The request log and the count of requests. Secrets in paths are masked.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::Shared;

/// Logs and counts a request.
pub(crate) async fn log_requests(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let begin = Instant::now();
    let method = request.method().clone();
    let path = masked(request.uri().path());
    let route = request.extensions().get::<MatchedPath>().map(|matched| matched.as_str().to_owned());
    let response = next.run(request).await;
    let status = response.status().as_u16();
    app.metrics.count_request(method.as_str(), route.as_deref().unwrap_or("none"), status);
    let took_us = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::info!(target: "deadstick::request", %method, path, status, took_us, "request");
    response
}

/// The path without what must not be logged: what follows the source, and one-time secrets.
pub(crate) fn masked(path: &str) -> String {
    let keep = match path.split('/').nth(1) {
        Some("in") => 3,
        Some("login" | "invite") => 2,
        _ => return path.chars().take(500).collect(),
    };
    let mut parts = path.split('/');
    let mut kept = parts.by_ref().take(keep).collect::<Vec<_>>().join("/");
    if parts.next().is_some() {
        kept.push_str("/***");
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_secrets() {
        for (path, expected) in [
            ("/in/alerts/s3cret", "/in/alerts/***"),
            ("/in/alerts/s3cret/more", "/in/alerts/***"),
            ("/in/alerts", "/in/alerts"),
            ("/login/s3cret", "/login/***"),
            ("/invite/s3cret", "/invite/***"),
            ("/api/v1/incidents", "/api/v1/incidents"),
            ("/", "/"),
        ] {
            assert_eq!(masked(path), expected);
        }
    }
}
