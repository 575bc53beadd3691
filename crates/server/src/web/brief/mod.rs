//! `/incidents/INC-1/brief`: for who joins late or takes over command; reads well on paper.

use api::{Brief, BriefResult, TemporaryMeasure};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use incident::{Command, Envelope, IncidentRef};

use super::command::form::{Fields, field};
use super::entry::{because_word, outcome_class, outcome_word};
use super::frame::{Frame, Here, html};
use super::refusal::Refused;
use super::visitor::Visitor;
use super::words::{Due, incident_role};
use super::zone::{Zone, elapsed};
use crate::{Problem, Shared, reading};

/// What the page shows.
pub(crate) struct View {
    pub(crate) brief: Brief,
    pub(crate) zone: Zone,
}

impl View {
    fn elapsed(&self) -> String {
        let incident = &self.brief.incident;
        elapsed(incident.started_at, incident.mitigated_at.unwrap_or(self.brief.at))
    }

    fn due(&self) -> Option<Due> {
        self.brief.next_update_due.map(|at| Due::new(at, self.brief.at))
    }

    fn role(&self, role: &api::RoleHolder) -> &'static str {
        incident_role(role.role)
    }

    fn outcome(&self, result: &BriefResult) -> &'static str {
        outcome_word(result.outcome)
    }

    fn class(&self, result: &BriefResult) -> &'static str {
        outcome_class(result.outcome)
    }

    fn because(&self, measure: &TemporaryMeasure) -> Option<&'static str> {
        measure.because.map(because_word)
    }

    fn services(&self) -> String {
        self.brief.services.join(", ")
    }

    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        View { brief: super::incident::sample::brief(), zone: Zone::named("Europe/Berlin") }
    }
}

#[derive(Template)]
#[template(path = "brief/brief.html")]
pub(crate) struct Page<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) view: &'a View,
}

/// `GET /incidents/{incident}/brief`.
pub(super) async fn page(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, Refused> {
    let viewer = &visitor.caller.viewer;
    let incident = reading::incident_named(&app, viewer, &name)?;
    let view = View { brief: reading::brief(&app, viewer, incident).await?, zone: visitor.zone.clone() };
    let name = &view.brief.incident.incident;
    let frame = visitor.frame(
        "brief",
        Here::Incidents,
        format!("Brief of {name}"),
        format!("/incidents/{name}/brief"),
    );
    Ok(html(StatusCode::OK, &Page { frame: &frame, view: &view }))
}

/// `POST /hand-over`: hands command over with the brief as it stands now.
pub(super) async fn hand_over(
    State(app): State<Shared>,
    visitor: Visitor,
    Form(fields): Form<Fields>,
) -> Result<Response, Refused> {
    let viewer = &visitor.caller.viewer;
    let incident = reading::incident_named(&app, viewer, field(&fields, "incident").unwrap_or_default())?;
    let brief = reading::brief(&app, viewer, incident).await?;
    let to = field(&fields, "to").and_then(|to| to.parse().ok()).ok_or_else(|| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-form", "The form names nobody to hand over to.")
    })?;
    let name = brief.incident.incident;
    let command = Command::HandOver { incident: IncidentRef(name.clone()), to, brief: brief.text };
    let id = app.ids.fact_id(app.now());
    let envelope = Envelope { id, given_at: None, seen_version: None, command };
    app.execute(visitor.caller.person, envelope).await?;
    Ok(Redirect::to(&format!("/incidents/{name}")).into_response())
}
