//! `/facts/{id}`: one fact with all its tellings, the payload as it came, and where it lies.

use api::FactView;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use fact::FactId;
use incident::Act;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::entry::EntryView;
use super::frame::{Frame, Here, html};
use super::refusal::Refused;
use super::visitor::Visitor;
use super::zone::Zone;
use crate::{Problem, Shared, reading};

/// What the page shows.
pub(crate) struct View {
    pub(crate) fact: FactView,
    pub(crate) entry: EntryView,
    pub(crate) zone: Zone,
    /// The incident from which one came here, else one in which it lies.
    pub(crate) incident: Option<String>,
    pub(crate) may_respond: bool,
    pub(crate) may_redact: bool,
}

impl View {
    /// What the source told besides, readable.
    fn data(&self, data: &Map<String, Value>) -> String {
        serde_json::to_string_pretty(data).unwrap_or_default()
    }

    /// A payload: indented if it is JSON.
    fn raw(&self, raw: &str) -> String {
        serde_json::from_str::<Value>(raw)
            .ok()
            .and_then(|json| serde_json::to_string_pretty(&json).ok())
            .unwrap_or_else(|| raw.to_owned())
    }

    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        let fact = super::incident::sample::fact_view();
        let zone = Zone::named("Europe/Berlin");
        View {
            entry: EntryView::new(&fact.row, &zone),
            fact,
            zone,
            incident: Some("INC-1".into()),
            may_respond: true,
            may_redact: true,
        }
    }
}

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// The incident from which one came.
    #[serde(rename = "in")]
    incident: Option<String>,
    /// Without the frame, to be shown inside another page.
    part: Option<String>,
}

#[derive(Template)]
#[template(path = "fact/fact.html")]
pub(crate) struct Page<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) view: &'a View,
}

#[derive(Template)]
#[template(path = "fact/article.html")]
pub(crate) struct Article<'a> {
    pub(crate) view: &'a View,
}

/// `GET /facts/{id}`.
pub(super) async fn page(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refused> {
    let id: FactId = id.parse().map_err(|_| Problem::not_found())?;
    // What comes while it is read comes by the stream.
    let position = app.store.head().await.map_err(Problem::from)?.size;
    let fact = reading::fact_view(&app, &visitor.caller.viewer, id).await?;
    let from = asked.incident.filter(|name| fact.incidents.contains(name));
    let view = View {
        entry: EntryView::new(&fact.row, &visitor.zone),
        incident: from.or_else(|| fact.incidents.first().cloned()),
        fact,
        zone: visitor.zone.clone(),
        may_respond: visitor.caller.may(Act::Correct).is_ok(),
        may_redact: visitor.caller.may(Act::Redact).is_ok(),
    };
    if asked.part.is_some() {
        return Ok(html(StatusCode::OK, &Article { view: &view }));
    }
    let listen = match &view.incident {
        Some(incident) => format!("/live/incidents/{incident}"),
        None => "/live/now".into(),
    };
    let frame = visitor.frame("fact", Here::Elsewhere, "Fact", format!("/facts/{id}"));
    let frame = frame.listening(listen, position);
    Ok(html(StatusCode::OK, &Page { frame: &frame, view: &view }))
}
