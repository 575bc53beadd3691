//! What people tell the product to do.

mod give;

use super::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![give::ROUTE]
}
