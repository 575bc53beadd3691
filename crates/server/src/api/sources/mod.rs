//! Sources: rooms, bridges, hosts, alert feeds.

mod add;
mod list;
mod show;
mod test;

use super::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![list::ROUTE, add::ROUTE, show::ROUTE, test::ROUTE]
}
