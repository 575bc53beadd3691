//! `POST /api/v1/facts`; the handler is where deliveries are recorded.

use api::LineReply;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

use crate::api::{Answer, Guard, Route, Verb, schema_of};
use crate::recording::post_facts;

pub(super) const ROUTE: Route = Route {
    verb: Verb::Post,
    path: "/api/v1/facts",
    name: "record_facts",
    summary: "Records facts, one JSON object a line (docs/formats/fact-in.md). 200 only after all stored \
              lines are durable.",
    guard: Guard::Source,
    query: None,
    body: Some(schema_of::<serde_json::Value>),
    takes: "application/x-ndjson",
    answer: Answer {
        status: 200,
        says: "One object a line, in the order of the lines.",
        media: "application/x-ndjson",
        schema: Some(schema_of::<LineReply>),
    },
    // The handler limits the body itself, to say so in its answer.
    handler: || post(post_facts).layer(DefaultBodyLimit::disable()),
};
