//! `/people`: who takes part, how they get in, and one's own sessions and tokens.

use api::{Alike, Person};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use fact::PersonId;
use incident::{Act, Command, Envelope, Role};
use store::{Session, Token, TokenScope};

use super::command::form::{Fields, envelope, field};
use super::frame::{Frame, Here, html};
use super::refusal::Refused;
use super::visitor::Visitor;
use super::words::ROLES;
use super::zone::Zone;
use crate::auth::{self, Owner};
use crate::{Problem, Shared, reading};

/// What the page shows.
pub(crate) struct View {
    pub(crate) people: Vec<Person>,
    pub(crate) me: PersonId,
    pub(crate) zone: Zone,
    pub(crate) may_manage: bool,
    pub(crate) may_join: bool,
    pub(crate) alike: Vec<Alike>,
    pub(crate) sessions: Vec<OwnSession>,
    pub(crate) tokens: Vec<Token>,
    /// A secret that is shown this once.
    pub(crate) once: Option<Once>,
}

/// A session of one's own.
pub(crate) struct OwnSession {
    pub(crate) session: Session,
    /// Names it in a form: the beginning of its digest.
    pub(crate) name: String,
    pub(crate) is_this: bool,
}

/// A secret that is shown once.
pub(crate) struct Once {
    pub(crate) what: String,
    pub(crate) secret: String,
    pub(crate) until: Option<fact::Timestamp>,
}

impl View {
    fn roles(&self) -> [(Role, &'static str); 4] {
        ROLES
    }

    fn handles(&self, person: &Person) -> String {
        person.handles.join(", ")
    }

    fn scope(&self, token: &Token) -> &'static str {
        match token.scope {
            TokenScope::Read => "reads",
            TokenScope::Act => "acts",
            TokenScope::Record => "records",
        }
    }

    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        let people = super::incident::sample::people();
        let at = super::incident::sample::at("15:10:00");
        let named = |person: &Person| api::PersonRef { id: person.id, name: person.name.clone() };
        View {
            me: people[0].id,
            alike: vec![
                Alike::Handle {
                    person: named(&people[1]),
                    handle: "grace.h".into(),
                    source: "ops-chat".into(),
                    reason: "it is made of the name's initials".into(),
                },
                Alike::People {
                    into: named(&people[0]),
                    other: named(&people[1]),
                    reason: "their names are the same words in another order".into(),
                },
            ],
            people,
            zone: Zone::named("Europe/Berlin"),
            may_manage: true,
            may_join: true,
            sessions: vec![OwnSession {
                session: Session {
                    hash: store::SecretHash([7; 32]),
                    person: PersonId(uuid::Uuid::nil()),
                    created_at: at,
                    expires_at: at.plus_minutes(100_000),
                    last_used: at,
                    agent: "A browser <on> a \"phone\"".into(),
                },
                name: "0707070707070707".into(),
                is_this: true,
            }],
            tokens: vec![Token {
                id: uuid::Uuid::nil(),
                hash: store::SecretHash([8; 32]),
                label: "deploy script".into(),
                scope: TokenScope::Act,
                person: None,
                source: None,
                created_at: at,
                expires_at: None,
                last_used: Some(at),
            }],
            once: Some(Once {
                what: "One-time link for Grace Hopper".into(),
                secret: "http://127.0.0.1:7700/invite/AAAA".into(),
                until: Some(at),
            }),
        }
    }
}

#[derive(Template)]
#[template(path = "people/people.html")]
pub(crate) struct Page<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) view: &'a View,
}

async fn rendered(
    app: &Shared,
    visitor: &Visitor,
    headers: &HeaderMap,
    once: Option<Once>,
) -> Result<Response, Refused> {
    let me = visitor.caller.person;
    let people = reading::people(app, &visitor.caller.viewer);
    let may_manage = visitor.caller.may(Act::ManagePeople).is_ok();
    let may_join = visitor.caller.may(Act::JoinHandles).is_ok();
    let mut alike = if may_join { reading::alike(app, &visitor.caller.viewer).await? } else { Vec::new() };
    alike.retain(|one| may_manage || matches!(one, Alike::Handle { .. }));
    let this = auth::shown_session(&app.config, headers);
    let mut sessions: Vec<OwnSession> = app
        .sessions(me)
        .await?
        .into_iter()
        .map(|session| OwnSession { name: name(&session), is_this: this == Some(session.hash), session })
        .collect();
    sessions.sort_by_key(|own| std::cmp::Reverse(own.session.last_used));
    let mut tokens = app.store.tokens().await?;
    tokens.retain(|token| token.person == Some(me));
    let view =
        View { people, me, zone: visitor.zone.clone(), may_manage, may_join, alike, sessions, tokens, once };
    let frame = visitor.frame("people", Here::People, "People", "/people");
    Ok(html(StatusCode::OK, &Page { frame: &frame, view: &view }))
}

fn name(session: &Session) -> String {
    session.hash.0.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// `GET /people`.
pub(super) async fn page(
    State(app): State<Shared>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    rendered(&app, &visitor, &headers, None).await
}

/// `POST /people`: adds a person and shows the one-time link.
pub(super) async fn add(
    State(app): State<Shared>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Refused> {
    visitor.caller.may(Act::ManagePeople)?;
    let now = app.now();
    fields.retain(|(key, _)| key != "verb");
    fields.push(("verb".into(), "add-person".into()));
    let envelope: Envelope = envelope(&fields, &visitor.zone, now, app.ids.fact_id(now))?;
    let Command::AddPerson { name, .. } = &envelope.command else { return Err(Problem::not_found().into()) };
    let name = name.clone();
    app.execute(visitor.caller.person, envelope).await?;
    let person = app.state().person_named(&name).map(|person| person.id).ok_or_else(Problem::not_found)?;
    let once = link(&app, person, &name, visitor.caller.person).await?;
    rendered(&app, &visitor, &headers, Some(once)).await
}

/// `POST /people/{person}/link`: another one-time link.
pub(super) async fn invite(
    State(app): State<Shared>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(person): Path<String>,
) -> Result<Response, Refused> {
    visitor.caller.may(Act::ManagePeople)?;
    let id: PersonId = person.parse().map_err(|_| Problem::not_found())?;
    let name = app.state().person(id).filter(|person| person.active).map(|person| person.name.clone());
    let once = link(&app, id, &name.ok_or_else(Problem::not_found)?, visitor.caller.person).await?;
    rendered(&app, &visitor, &headers, Some(once)).await
}

async fn link(app: &Shared, person: PersonId, name: &str, by: PersonId) -> Result<Once, Problem> {
    let link = app.invite_link(person, by).await?;
    Ok(Once { what: format!("One-time link for {name}"), secret: link.url, until: Some(link.expires_at) })
}

/// `POST /tokens`: makes a token of one's own and shows it this once.
pub(super) async fn add_token(
    State(app): State<Shared>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Result<Response, Refused> {
    visitor.caller.may(Act::OwnTokens)?;
    let label: String = field(&fields, "label").unwrap_or("unnamed").chars().take(100).collect();
    let scope = if field(&fields, "scope") == Some("act") { TokenScope::Act } else { TokenScope::Read };
    let days = field(&fields, "days").and_then(|days| days.parse::<i64>().ok()).filter(|days| *days > 0);
    let expires_at = days.map(|days| app.now().plus_minutes(days.min(3_650) * 24 * 60));
    let owner = Owner::Person(visitor.caller.person);
    let (token, secret) = app.issue_token(owner, scope, label, expires_at).await?;
    let once = Once { what: format!("Token \"{}\"", token.label), secret: secret.0, until: expires_at };
    rendered(&app, &visitor, &headers, Some(once)).await
}

/// `POST /tokens/{token}/revoke`: a token of one's own.
pub(super) async fn revoke_token(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(token): Path<uuid::Uuid>,
) -> Result<Response, Refused> {
    let mine = app.store.tokens().await?;
    if !mine.iter().any(|one| one.id == token && one.person == Some(visitor.caller.person)) {
        return Err(Problem::not_found().into());
    }
    app.store.revoke_token(token).await?;
    Ok(Redirect::to("/people#mine").into_response())
}

/// `POST /sessions/{session}/end`: a session of one's own.
pub(super) async fn end_session(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(wanted): Path<String>,
) -> Result<Response, Refused> {
    let sessions = app.sessions(visitor.caller.person).await?;
    let found = sessions.iter().find(|session| name(session) == wanted).ok_or_else(Problem::not_found)?;
    app.store.end_session(found.hash).await?;
    Ok(Redirect::to("/people#mine").into_response())
}
