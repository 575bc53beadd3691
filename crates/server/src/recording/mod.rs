//! From a delivery to the log: proof of the sender, limits, retention, health.
//!
//! ```text
//! bytes → proof → body within limits → intake (facts) → retention, limits → log → answer
//! ```
//! Whatever is refused on the way is counted and told in the source's health: never silent.

mod batch;
mod body;
mod deliver;
mod foreign;
mod health;
mod keep;
mod lines;
mod proof;
mod sample;

pub use health::{Health, health};
pub use sample::record_sample;

pub(crate) use batch::post_facts;
pub(crate) use keep::before_retention;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

use crate::Shared;

/// The routes of this part. Bodies are limited by the handlers, who say so in their answers.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/in/{source}", post(deliver::deliver))
        .route("/in/{source}/{secret}", post(deliver::deliver_with_secret))
        .layer(DefaultBodyLimit::disable())
}
