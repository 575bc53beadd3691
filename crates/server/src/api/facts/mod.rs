//! Single facts.

mod revisions;
mod show;

use super::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![show::ROUTE, revisions::ROUTE]
}
