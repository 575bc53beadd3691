//! All routes together.

use axum::Router;

use crate::Shared;

/// The whole server as one service.
pub fn router(app: Shared) -> Router {
    Router::new().with_state(app)
}
