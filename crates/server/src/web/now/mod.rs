//! `/`: what is open, what fires, what is temporary, how recording goes.

use api::{Firing, IncidentView, Now, SourceHealth, TemporaryMeasure};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use incident::{Act, IncidentRole};

use super::entry::because_word;
use super::frame::{Frame, Here, html};
use super::part::{Part, part};
use super::refusal::Refused;
use super::visitor::Visitor;
use super::words::{Due, health_word};
use super::zone::{Zone, elapsed};
use crate::{Problem, Shared, reading};

#[cfg(test)]
pub(crate) mod sample;

/// What the page shows.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) now: Now,
    pub(crate) zone: Zone,
    pub(crate) base_url: String,
    pub(crate) may_respond: bool,
    pub(crate) may_add_sources: bool,
}

impl View {
    fn elapsed(&self, incident: &IncidentView) -> String {
        elapsed(incident.incident.started_at, incident.incident.mitigated_at.unwrap_or(self.now.at))
    }

    fn due(&self, incident: &IncidentView) -> Option<Due> {
        incident.next_update_due.map(|at| Due::new(at, self.now.at))
    }

    fn commander(&self, incident: &IncidentView) -> Option<String> {
        let holder = incident.roles.iter().find(|holder| holder.role == IncidentRole::Commander)?;
        Some(holder.person.name.clone())
    }

    fn because(&self, measure: &TemporaryMeasure) -> Option<&'static str> {
        measure.because.map(because_word)
    }

    fn state(&self, source: &SourceHealth) -> &'static str {
        health_word(source.state)
    }

    /// What fires, without saying so again.
    fn fires<'a>(&self, alert: &'a Firing) -> &'a str {
        alert.text.strip_prefix("firing: ").unwrap_or(&alert.text)
    }

    fn is_idle(&self) -> bool {
        self.now.open.is_empty()
    }
}

part!(Open, "now/open.html", "open");
part!(Fires, "now/fires.html", "fires");
part!(InPlace, "now/temporary.html", "temporary");
part!(Loose, "now/unassigned.html", "unassigned");
part!(Recording, "now/recording.html", "recording");

/// The parts of the page that change while it is open.
pub(crate) fn parts(view: &View) -> Vec<Part> {
    vec![
        Open { view }.part(),
        Fires { view }.part(),
        InPlace { view }.part(),
        Loose { view }.part(),
        Recording { view }.part(),
    ]
}

#[derive(Template)]
#[template(path = "now/now.html")]
pub(crate) struct Page<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) view: &'a View,
}

/// Reads what the page shows.
pub(crate) async fn view(app: &Shared, visitor: &Visitor) -> Result<View, Problem> {
    let now = reading::now(app, &visitor.caller.viewer).await?;
    Ok(View {
        now,
        zone: visitor.zone.clone(),
        base_url: app.config.base_url.clone(),
        may_respond: visitor.caller.may(Act::Respond).is_ok(),
        may_add_sources: visitor.caller.may(Act::ManageSources).is_ok(),
    })
}

/// `GET /`.
pub(super) async fn page(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Refused> {
    let view = view(&app, &visitor).await?;
    let frame = visitor.frame("now", Here::Now, "Now", "/").listening("/live/now", view.now.position);
    Ok(html(StatusCode::OK, &Page { frame: &frame, view: &view }))
}
