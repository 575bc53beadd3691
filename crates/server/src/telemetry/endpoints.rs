//! `GET /metrics` and `GET /healthz`.

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use incident::{Act, Status};

use super::metrics::Readings;
use crate::auth::{Caller, ClientAddress};
use crate::{App, Problem, Shared};

/// The routes of this part.
pub(crate) fn routes() -> Router<Shared> {
    Router::new().route("/metrics", get(metrics)).route("/healthz", get(healthz))
}

/// Whether the log answers.
async fn healthz(State(app): State<Shared>) -> Response {
    match app.store.head().await {
        Ok(_) => "ok\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "the log does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the log does not answer\n").into_response()
        }
    }
}

/// For a scraper on the same machine, or whoever may operate the server.
async fn metrics(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let address = match ClientAddress::from_request_parts(&mut parts, &app).await {
        Ok(address) => address,
        Err(never) => match never {},
    };
    let is_local = !app.config.behind_proxy && address.0.is_loopback() && names_loopback(&parts.headers);
    if !is_local {
        Caller::from_request_parts(&mut parts, &app).await?.may(Act::Operate)?;
    }
    let readings = readings(&app).await?;
    let text = app.metrics.text(&readings);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// Whether the request was meant for this machine: a page elsewhere whose name was made to point
/// here still sends its own name.
fn names_loopback(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost"
        || name == "[::1]"
        || name.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback())
}

/// Names of private sources and the existence of private incidents are nobody's business here.
async fn readings(app: &App) -> Result<Readings, Problem> {
    let head = app.store.head().await?.size;
    let totals = app.health.totals();
    let state = app.state();
    let mut facts = Vec::new();
    for (source, counts) in totals {
        let Some(source) = state.sources.get(&source).filter(|source| source.members.is_none()) else {
            continue;
        };
        facts.extend(counts.map(|(result, count)| (source.name.clone(), result, count)));
    }
    facts.sort();
    let open = state.incidents.values().filter(|it| it.status != Status::Closed && it.members.is_none());
    Ok(Readings { head, facts, open_incidents: open.count() as u64 })
}
