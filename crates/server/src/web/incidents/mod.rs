//! `/incidents`: all of them, closed ones too, newest start first.

use api::Incident;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::frame::{Frame, Here, html};
use super::refusal::Refused;
use super::visitor::Visitor;
use super::zone::{Zone, stretch};
use crate::{Shared, reading};

/// What the page shows.
pub(crate) struct View {
    pub(crate) incidents: Vec<Incident>,
    pub(crate) zone: Zone,
}

impl View {
    /// How long it took until impact was over.
    fn took(&self, incident: &Incident) -> Option<String> {
        let end = incident.mitigated_at.or(incident.closed_at)?;
        Some(stretch(end.micros_since(incident.started_at).max(0)))
    }

    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        let open = super::incident::sample::view().incident.incident;
        let mut closed = open.clone();
        closed.status = incident::Status::Closed;
        closed.closed_at = Some(open.started_at.plus_minutes(95));
        closed.mitigated_at = Some(open.started_at.plus_minutes(70));
        View { incidents: vec![open, closed], zone: Zone::named("Europe/Berlin") }
    }
}

#[derive(Template)]
#[template(path = "incidents/incidents.html")]
pub(crate) struct Page<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) view: &'a View,
}

/// `GET /incidents`.
pub(super) async fn page(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Refused> {
    let incidents = reading::incident_list(&app, &visitor.caller.viewer);
    let view = View { incidents, zone: visitor.zone.clone() };
    let frame = visitor.frame("incidents", Here::Incidents, "Incidents", "/incidents");
    Ok(html(StatusCode::OK, &Page { frame: &frame, view: &view }))
}
