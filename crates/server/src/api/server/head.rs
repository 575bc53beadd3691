//! `GET /api/v1/head`

use api::HeadView;
use axum::Json;
use axum::extract::State;
use axum::routing::get;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Get,
    path: "/api/v1/head",
    name: "read_head",
    summary: "Tells the log's size and the root of its tree: keep it, and nobody can change what came before.",
    guard: Guard::Person(Act::Read),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("The head as of the last commit.", schema_of::<HeadView>),
    handler: || get(read),
};

async fn read(State(app): State<Shared>, Who(_): Who) -> Result<Json<HeadView>, Problem> {
    let head = app.store.head().await?;
    Ok(Json(HeadView { size: head.size, root: head.root.to_string() }))
}
