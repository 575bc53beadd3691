//! live

use axum::Router;

use crate::Shared;

/// The routes of this part.
pub fn routes() -> Router<Shared> {
    Router::new()
}
