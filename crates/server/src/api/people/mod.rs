//! People: who takes part, and how they get in.

mod add;
mod alike;
mod link;
mod list;

use super::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![list::ROUTE, add::ROUTE, alike::ROUTE, link::ROUTE]
}
