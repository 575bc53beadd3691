//! All routes together. Each part brings its own; this is the only place that knows them all.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

use crate::{Shared, api, auth, live, recording, telemetry, web};

/// The whole server as one service.
pub fn router(app: Shared) -> Router {
    Router::new()
        .merge(api::routes(&app))
        .merge(auth::routes())
        .merge(live::routes())
        .merge(recording::routes())
        .merge(web::routes())
        .layer(from_fn(auth::carry_cookie))
        .layer(from_fn_with_state(app.clone(), telemetry::log_requests))
        .with_state(app)
}
