//! The server itself, and how it stands right now.

mod config;
mod head;
mod health;
mod now;
mod openapi;

use super::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![now::ROUTE, health::ROUTE, head::ROUTE, config::ROUTE, openapi::ROUTE]
}
