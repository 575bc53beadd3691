//! What the server tells about itself: counters, the request log.

mod metrics;
mod requests;

pub use metrics::{Metrics, StreamGuard};
pub(crate) use requests::log_requests;
