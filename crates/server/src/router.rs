//! All routes together. Each part brings its own; this is the only place that knows them all.

use axum::Router;

use crate::{Shared, api, auth, live, recording, web};

/// The whole server as one service.
pub fn router(app: Shared) -> Router {
    Router::new()
        .merge(api::routes())
        .merge(auth::routes())
        .merge(live::routes())
        .merge(recording::routes())
        .merge(web::routes())
        .with_state(app)
}
