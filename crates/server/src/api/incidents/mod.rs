//! Incidents and their timelines.

mod brief;
mod changes;
mod export;
mod import;
mod list;
mod news;
mod proposals;
mod show;
mod timeline;

use super::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![
        list::ROUTE,
        import::ROUTE,
        show::ROUTE,
        timeline::ROUTE,
        news::ROUTE,
        brief::ROUTE,
        proposals::ROUTE,
        changes::ROUTE,
        export::ROUTE,
    ]
}
