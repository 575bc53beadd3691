//! All routes together. Each part brings its own; this is the only place that knows them all.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::{Shared, api, auth, guards, live, recording, telemetry, web};

/// The whole server as one service.
pub fn router(app: Shared) -> Router {
    // The last layer is the outermost one.
    Router::new()
        .merge(api::routes(&app))
        .merge(auth::routes())
        .merge(live::routes())
        .merge(recording::routes())
        .merge(telemetry::routes())
        .merge(web::routes())
        .layer(DefaultBodyLimit::max(app.config.max_body))
        .layer(from_fn(auth::carry_cookie))
        .layer(from_fn(guards::hurry))
        .layer(CatchPanicLayer::custom(guards::panicked))
        .layer(from_fn(guards::secure))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(app.clone(), telemetry::log_requests))
        .with_state(app)
}
