//! `GET /api/v1/config`

use api::ConfigView;
use axum::Json;
use axum::extract::State;
use axum::routing::get;
use incident::Act;

use crate::Shared;
use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/config",
    name: "read_config",
    summary: "Tells the settings in force, without secrets.",
    guard: Guard::Person(Act::Operate),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("The settings.", schema_of::<ConfigView>),
    handler: || get(read),
};

async fn read(State(app): State<Shared>, Who(_): Who) -> Json<ConfigView> {
    Json(ConfigView {
        base_url: app.config.base_url.clone(),
        is_https: app.config.is_https,
        behind_proxy: app.config.behind_proxy,
        max_body: app.config.max_body,
        version: env!("CARGO_PKG_VERSION").into(),
    })
}
