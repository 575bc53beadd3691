//! A row of the table of endpoints.

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use incident::Act;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::Who;
use crate::auth::Caller;
use crate::{Problem, Shared};

/// Makes a type's schema; shared parts go to the generator's definitions.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The schema of a type.
pub fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Reads.
    Get,
    /// Adds or changes.
    Post,
    /// Removes.
    Delete,
}

impl Verb {
    /// As OpenAPI writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Get => "get",
            Verb::Post => "post",
            Verb::Delete => "delete",
        }
    }
}

/// What an endpoint answers when all is well.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What it is about, in a sentence.
    pub says: &'static str,
    /// The media type of the body.
    pub media: &'static str,
    /// The body; `None` where it is no JSON, or empty.
    pub schema: Option<SchemaOf>,
}

impl Answer {
    /// JSON with status 200.
    pub const fn json(says: &'static str, schema: SchemaOf) -> Self {
        Answer { status: 200, says, media: "application/json", schema: Some(schema) }
    }
}

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// A person who is allowed to do this; checked before the handler runs.
    Person(Act),
    /// A source by its own token; the handler asks for it.
    Source,
}

/// An endpoint: what the router, the document and the tests need to know of it.
#[derive(Clone, Copy)]
pub struct Route {
    /// The method.
    pub verb: Verb,
    /// The path, with `{parameters}`.
    pub path: &'static str,
    /// Its stable name, for generated clients.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Who may call it.
    pub guard: Guard,
    /// The query's parameters, as an object.
    pub query: Option<SchemaOf>,
    /// The body.
    pub body: Option<SchemaOf>,
    /// The media type of the body.
    pub takes: &'static str,
    /// The answer.
    pub answer: Answer,
    /// The handler.
    pub handler: fn() -> MethodRouter<Shared>,
}

/// The media type of JSON.
pub const JSON: &str = "application/json";

impl Route {
    /// The handler, behind the check of who calls and what they may.
    pub(super) fn service(self, app: &Shared) -> MethodRouter<Shared> {
        let Guard::Person(act) = self.guard else { return (self.handler)() };
        let check =
            move |State(app): State<Shared>, request: Request, next: Next| admit(app, act, request, next);
        (self.handler)().layer(from_fn_with_state(app.clone(), check))
    }
}

async fn admit(app: Shared, act: Act, request: Request, next: Next) -> Response {
    use axum::extract::FromRequestParts;

    let (mut parts, body) = request.into_parts();
    let caller = match Caller::from_request_parts(&mut parts, &app).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    if let Err(problem) = caller.may(act) {
        return Problem::into_response(problem);
    }
    parts.extensions.insert(Who(caller));
    next.run(Request::from_parts(parts, body)).await
}
