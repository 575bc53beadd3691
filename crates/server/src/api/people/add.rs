//! `POST /api/v1/people`

use axum::Json;
use axum::extract::State;
use axum::routing::post;
use fact::FactId;
use incident::{Act, Command, Envelope, Role};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::api::{Answer, Body, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Post,
    path: "/api/v1/people",
    name: "add_person",
    summary: "Adds a person and makes their one-time link.",
    guard: Guard::Person(Act::ManagePeople),
    query: None,
    body: Some(schema_of::<NewPerson>),
    takes: JSON,
    answer: Answer::json("The link to send to them.", schema_of::<api::Invited>),
    handler: || post(add),
};

/// A person to be added.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    /// The id of the fact that adds them; chosen by the server if left out.
    id: Option<FactId>,
    /// The name, unique.
    name: String,
    /// What they may do.
    #[serde(default = "responder")]
    role: Role,
}

fn responder() -> Role {
    Role::Responder
}

async fn add(
    State(app): State<Shared>,
    Who(caller): Who,
    Body(new): Body<NewPerson>,
) -> Result<Json<api::Invited>, Problem> {
    let id = new.id.unwrap_or_else(|| app.ids.fact_id(app.now()));
    let command = Command::AddPerson { name: new.name.clone(), role: new.role };
    app.execute(caller.person, Envelope { id, given_at: None, seen_version: None, command }).await?;
    let person = app.state().person_named(new.name.trim()).map(|person| person.id);
    super::link::invite(&app, person.ok_or_else(Problem::not_found)?, caller.person).await.map(Json)
}
