//! What the server tells about itself: counters, the request log.

mod endpoints;
mod metrics;
mod requests;

pub(crate) use endpoints::routes;
pub use metrics::{Metrics, StreamGuard};
pub(crate) use requests::log_requests;
