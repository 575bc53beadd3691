//! Single facts.

mod record;
mod revisions;
mod show;

use super::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![record::ROUTE, show::ROUTE, revisions::ROUTE]
}
