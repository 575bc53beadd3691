//! Forms: whatever a person does on a page is a command, sent by a plain POST.

pub(crate) mod form;
pub(crate) mod line;

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use incident::Command;

use self::form::{Fields, envelope, field};
use super::refusal::Refused;
use super::visitor::Visitor;
use super::zone::{self, Zone};
use crate::{Problem, Shared};

/// `POST /do`: any command, its fields by name.
pub(super) async fn perform(
    State(app): State<Shared>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Response {
    answer(run(&app, &visitor, fields).await, &headers)
}

/// `POST /line`: the one line to type.
pub(super) async fn say(
    State(app): State<Shared>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Response {
    let incident = field(&fields, "incident").unwrap_or_default();
    let back = back(&fields, Some(incident));
    let typed = field(&fields, "line").and_then(|line| line::fields(line, incident));
    let Some(mut typed) = typed else { return Redirect::to(&back).into_response() };
    typed.push(("back".into(), back));
    // Sent again, it is the same command.
    typed.extend(field(&fields, "id").map(|id| ("id".into(), id.to_owned())));
    answer(run(&app, &visitor, typed).await, &headers)
}

/// `POST /mark`: star, unstar, hide or show one fact of an incident.
pub(super) async fn mark(
    State(app): State<Shared>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Response {
    const MARKS: [(&str, &str, &str); 4] = [
        ("star", "star", "true"),
        ("unstar", "star", "false"),
        ("hide", "hide", "true"),
        ("show", "hide", "false"),
    ];
    let wanted = MARKS.iter().find_map(|(name, verb, on)| Some((*verb, *on, field(&fields, name)?)));
    let incident = field(&fields, "incident").unwrap_or_default();
    let Some((verb, on, fact)) = wanted else {
        return Redirect::to(&back(&fields, Some(incident))).into_response();
    };
    let back = format!("/incidents/{incident}?at={fact}#f-{fact}");
    let command =
        [("verb", verb), ("incident", incident), ("fact", fact), ("on", on), ("back", back.as_str())];
    let command = command.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
    answer(run(&app, &visitor, command).await, &headers)
}

/// Carries the command out and says where to go on.
async fn run(app: &Shared, visitor: &Visitor, fields: Fields) -> Result<String, Problem> {
    let now = app.now();
    let envelope = envelope(&fields, &visitor.zone, now, app.ids.fact_id(now))?;
    let is_declared = matches!(envelope.command, Command::Declare { .. });
    let done = app.execute(visitor.caller.person, envelope).await?;
    let incident = done.incident.and_then(|id| app.state().incidents.get(&id).map(incident::Incident::name));
    Ok(match incident {
        Some(incident) if is_declared => format!("/incidents/{incident}"),
        incident => back(&fields, incident.as_deref()),
    })
}

/// A path of our own to go back to.
fn back(fields: &Fields, incident: Option<&str>) -> String {
    let is_ours = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
    };
    match (field(fields, "back").filter(is_ours), incident) {
        (Some(path), _) => path.to_owned(),
        (None, Some(incident)) if incident.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => {
            format!("/incidents/{incident}")
        }
        _ => "/".to_owned(),
    }
}

/// A script is told as a problem document, a person by a page.
fn answer(result: Result<String, Problem>, headers: &HeaderMap) -> Response {
    let wants_json = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("application/problem+json"));
    match result {
        Ok(_) if wants_json => StatusCode::NO_CONTENT.into_response(),
        Ok(back) => Redirect::to(&back).into_response(),
        Err(problem) if wants_json => problem.into_response(),
        Err(problem) => Refused(problem).into_response(),
    }
}

/// `POST /zone`: the zone in which times are told.
pub(super) async fn choose_zone(Form(fields): Form<Fields>) -> Response {
    let zone = Zone::named(field(&fields, "zone").unwrap_or("UTC"));
    let cookie = format!("{}={}; Path=/; Max-Age=31536000; SameSite=Lax", zone::COOKIE, zone.name());
    ([(header::SET_COOKIE, cookie)], Redirect::to(&back(&fields, None))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_back_to_pages_of_our_own_only() {
        let check = |path: &str, expected: &str| {
            assert_eq!(back(&vec![("back".into(), path.into())], None), expected, "{path}");
        };
        check("/incidents/INC-1?at=x#f-y", "/incidents/INC-1?at=x#f-y");
        check("https://evil.example", "/");
        check("//evil.example", "/");
        check("/\\evil.example", "/");
        check("/a\r\nset-cookie: b", "/");
        assert_eq!(back(&Vec::new(), Some("INC-1")), "/incidents/INC-1");
        assert_eq!(back(&Vec::new(), Some("../x")), "/");
    }
}
