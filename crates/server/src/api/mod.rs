//! The HTTP API: one file per endpoint, all of them in one table.
//!
//! The table makes the router, the OpenAPI document and the privacy test: an endpoint that is not
//! in it is not served. What an endpoint takes is checked before its handler runs.

mod commands;
mod extract;
mod facts;
mod incidents;
mod openapi;
mod people;
mod redactions;
mod route;
mod server;
mod sessions;
mod sources;
mod tokens;

use axum::Router;

pub use extract::{Body, Query, Who};
use extract::{View, fact_id};
pub use openapi::document;
pub use route::{Answer, Guard, JSON, Route, SchemaOf, Verb, schema_of};

use crate::Shared;

/// Every endpoint.
pub fn table() -> Vec<Route> {
    [
        commands::routes(),
        incidents::routes(),
        facts::routes(),
        sources::routes(),
        people::routes(),
        tokens::routes(),
        sessions::routes(),
        redactions::routes(),
        server::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The routes of this part.
pub fn routes(app: &Shared) -> Router<Shared> {
    table().into_iter().fold(Router::new(), |router, route| router.route(route.path, route.service(app)))
}
