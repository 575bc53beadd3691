//! Removal of recorded content for good.

mod redact;

use super::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![redact::ROUTE]
}
