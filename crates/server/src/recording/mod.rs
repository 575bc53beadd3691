//! From a delivery to the log: limits, retention, secrets, health.

use axum::Router;

mod health;

pub use health::Health;

use crate::Shared;

/// The routes of this part.
pub fn routes() -> Router<Shared> {
    Router::new()
}
