//! The caller's own sessions.

mod end;
mod list;

use super::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![list::ROUTE, end::ROUTE]
}

/// Names a session: the beginning of its digest, which opens nothing.
fn name(session: &store::Session) -> String {
    session.hash.0.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
