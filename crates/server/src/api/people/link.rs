//! `POST /api/v1/people/{person}/link`

use axum::Json;
use axum::extract::{Path, State};
use axum::routing::post;
use fact::PersonId;
use incident::Act;

use crate::api::{Answer, Guard, JSON, Route, Verb, Who, schema_of};
use crate::{App, Problem, Shared};

pub(super) const ROUTE: Route = Route {
    verb: Verb::Post,
    path: "/api/v1/people/{person}/link",
    name: "make_link",
    summary: "Makes a one-time link, by which a person signs in.",
    guard: Guard::Person(Act::ManagePeople),
    query: None,
    body: None,
    takes: JSON,
    answer: Answer::json("The link to send to them.", schema_of::<api::Invited>),
    handler: || post(link),
};

async fn link(
    State(app): State<Shared>,
    Who(caller): Who,
    Path(person): Path<String>,
) -> Result<Json<api::Invited>, Problem> {
    let named = {
        let state = app.state();
        let by_id = person.parse().ok().and_then(|id: PersonId| state.person(id));
        by_id.or_else(|| state.person_named(&person)).map(|person| person.id)
    };
    let person = named.ok_or_else(Problem::not_found)?;
    invite(&app, person, caller.person).await.map(Json)
}

/// A one-time link for a person who may sign in.
pub(super) async fn invite(app: &App, person: PersonId, by: PersonId) -> Result<api::Invited, Problem> {
    let name = {
        let state = app.state();
        let person = state.person(person).filter(|person| person.active);
        person.map(|person| person.name.clone()).ok_or_else(Problem::not_found)?
    };
    let link = app.invite_link(person, by).await?;
    Ok(api::Invited { id: person, name, url: link.url, expires_at: link.expires_at })
}
