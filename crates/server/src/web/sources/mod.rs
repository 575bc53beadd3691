//! `/sources`: who records, how that goes, and how to add one.

use api::SourceView;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use incident::{Act, SourceKind};

use super::frame::{Frame, Here, html};
use super::refusal::Refused;
use super::visitor::Visitor;
use super::words::health_word;
use super::zone::{Zone, stretch};
use crate::auth::source_secret;
use crate::{Problem, Shared, reading};

/// What the page shows.
pub(crate) struct View {
    pub(crate) sources: Vec<SourceView>,
    pub(crate) zone: Zone,
    pub(crate) may_manage: bool,
    pub(crate) people: Vec<api::Person>,
    /// A source's address with its secret, shown because somebody asked for it just now.
    pub(crate) shown: Option<Shown>,
}

/// An address that carries a secret.
pub(crate) struct Shown {
    pub(crate) source: String,
    pub(crate) kind: SourceKind,
    pub(crate) url: String,
}

impl View {
    fn kinds(&self) -> [SourceKind; 6] {
        SourceKind::ADDABLE
    }

    fn state(&self, source: &SourceView) -> &'static str {
        health_word(source.health.state)
    }

    fn is_shown(&self, source: &SourceView) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.source == source.source)
    }

    fn lag(&self, source: &SourceView) -> Option<String> {
        source.health.lag_ms.map(|ms| stretch(ms.max(0) * 1_000))
    }

    /// How far off its clock seems to be, from two seconds on.
    fn skew(&self, source: &SourceView) -> Option<String> {
        let ahead = source.health.clock_ahead_ms.filter(|ms| ms.abs() >= 2_000)?;
        let way = if ahead > 0 { "ahead" } else { "behind" };
        Some(format!("{} {way}", stretch(ahead * 1_000)))
    }

    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        View {
            sources: super::now::sample::sources(),
            zone: Zone::named("Europe/Berlin"),
            may_manage: true,
            people: super::incident::sample::people(),
            shown: Some(Shown {
                source: "prod-alerts".into(),
                kind: SourceKind::Alertmanager,
                url: "http://127.0.0.1:7700/in/prod-alerts/AAAAAAAAAAAAAAAAAAAAAA".into(),
            }),
        }
    }
}

#[derive(Template)]
#[template(path = "sources/sources.html")]
pub(crate) struct Page<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) view: &'a View,
}

async fn rendered(app: &Shared, visitor: &Visitor, shown: Option<Shown>) -> Result<Response, Refused> {
    let viewer = &visitor.caller.viewer;
    let view = View {
        sources: reading::sources(app, viewer).await?,
        zone: visitor.zone.clone(),
        may_manage: visitor.caller.may(Act::ManageSources).is_ok(),
        people: reading::people(app, viewer),
        shown,
    };
    let frame = visitor.frame("sources", Here::Sources, "Sources", "/sources");
    Ok(html(StatusCode::OK, &Page { frame: &frame, view: &view }))
}

/// `GET /sources`.
pub(super) async fn page(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Refused> {
    rendered(&app, &visitor, None).await
}

/// `POST /sources/{source}/url`: the page with one source's address and secret on it.
pub(super) async fn show_url(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, Refused> {
    visitor.caller.may(Act::ManageSources)?;
    let shown = {
        let state = app.state();
        let source = state
            .source_named(&name)
            .filter(|source| visitor.caller.viewer.sees_source(source.id))
            .ok_or_else(Problem::not_found)?;
        let secret = source_secret(&app.config.key, source).0;
        let url = format!("{}/in/{}/{secret}", app.config.base_url, source.name);
        Shown { source: source.name.clone(), kind: source.kind, url }
    };
    rendered(&app, &visitor, Some(shown)).await
}

/// `POST /sources/{source}/test`: sends a sample through the source.
pub(super) async fn test(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, Refused> {
    visitor.caller.may(Act::ManageSources)?;
    crate::recording::record_sample(&app, &visitor.caller.viewer, &name).await?;
    Ok(Redirect::to("/sources").into_response())
}
