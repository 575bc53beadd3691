//! `POST /api/v1/commands`

use axum::Json;
use axum::extract::State;
use axum::routing::post;
use incident::{Act, Envelope};

use crate::api::{Answer, Body, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{App, Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Post,
    path: "/api/v1/commands",
    name: "give_command",
    summary: "Carries out a command. The same envelope again gives the same answer and no second fact.",
    // What a command takes is checked together with it.
    guard: Guard::Person(Act::Read),
    query: None,
    body: Some(schema_of::<Envelope>),
    takes: JSON,
    answer: Answer::json("What the command led to.", schema_of::<api::Done>),
    handler: || post(give),
};

async fn give(
    State(app): State<Shared>,
    Who(caller): Who,
    Body(envelope): Body<Envelope>,
) -> Result<Json<api::Done>, Problem> {
    let done = app.execute(caller.person, envelope).await?;
    Ok(Json(told(&app, done)))
}

/// With the incidents' names. Whoever gave the command may see them.
fn told(app: &App, done: crate::Done) -> api::Done {
    let state = app.state();
    let name = |id| state.incidents.get(&id).map(incident::Incident::name);
    api::Done {
        fact: done.fact,
        incident: done.incident.and_then(name),
        choices: done.choices.into_iter().filter_map(name).collect(),
    }
}
