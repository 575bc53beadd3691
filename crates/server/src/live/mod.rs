//! The live stream: one a page, rendered once for all that see the same.
//!
//! `channel` turns commits into messages, at most ten times a second; `stream` sends them to one
//! client, from the position that it knows on. Whoever is too far behind is told to reload.

mod batch;
mod channel;
mod hub;
mod message;
mod stream;

use axum::Router;
use axum::routing::get;

pub(crate) use hub::Hub;

use crate::Shared;

/// Facts that a client may be behind before it is told to reload.
const MOST_BEHIND: usize = 1_000;

/// The routes of this part.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/live/now", get(stream::now))
        .route("/live/incidents/{incident}", get(stream::incident))
}
