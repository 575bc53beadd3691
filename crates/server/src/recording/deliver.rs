//! `POST /in/{source}` and `POST /in/{source}/{secret}`: a webhook's delivery.

use api::Delivered;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use incident::{Source, SourceKind};
use intake::{Delivery, Reading};

use super::foreign::{HeadersOf, format, mapping};
use super::keep::{Candidate, Kept, keep};
use super::proof::{Addressee, may_prove};
use super::{body, lines};
use crate::auth::ClientAddress;
use crate::{App, Problem, Shared};

/// Diagnostics told in one answer.
const TOLD: usize = 20;

/// Takes a delivery whose secret is in the address.
pub(super) async fn deliver_with_secret(
    State(app): State<Shared>,
    Path((name, secret)): Path<(String, String)>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    match Addressee::named(&app, &name).by_secret(&secret) {
        Ok(source) => take(&app, source, &headers, body).await,
        Err(unproven) => Err(unproven.refuse(&app, address)),
    }
}

/// Takes a delivery that proves itself by a token or a signature in its headers.
pub(super) async fn deliver(
    State(app): State<Shared>,
    Path(name): Path<String>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let unproven = match Addressee::named(&app, &name).by_token(&app, &headers).await? {
        Ok(source) => return take(&app, source, &headers, body).await,
        Err(unproven) => unproven,
    };
    if !may_prove(&headers) {
        return Err(unproven.refuse(&app, address));
    }
    body::refuse_encoded(&headers)?;
    let bytes = body::whole(body, app.config.max_body).await?;
    match unproven.by_headers(&headers, &bytes) {
        Ok(source) => take(&app, source, &headers, Body::from(bytes)).await,
        Err(unproven) => Err(unproven.refuse(&app, address)),
    }
}

/// Takes the delivery of a source that proved itself; what fails is told in its health.
async fn take(app: &App, source: Source, headers: &HeaderMap, body: Body) -> Result<Response, Problem> {
    app.health.delivery(source.id, headers, app.now());
    let taken = match source.kind {
        SourceKind::Ndjson => lines::take(app, &source, headers, body).await,
        _ => take_webhook(app, &source, headers, body).await.map(IntoResponse::into_response),
    };
    taken.inspect_err(|problem| app.health.failed(source.id, &problem.body.title, app.now()))
}

async fn take_webhook(
    app: &App,
    source: &Source,
    headers: &HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Delivered>), Problem> {
    body::refuse_encoded(headers)?;
    let bytes = body::whole(body, app.config.max_body).await?;
    let reading = read(app, source, headers, &bytes);
    let delivered = keep_reading(app, source, reading).await?;
    Ok((StatusCode::ACCEPTED, Json(delivered)))
}

/// Keeps what a delivery was read as.
pub(super) async fn keep_reading(app: &App, source: &Source, reading: Reading) -> Result<Delivered, Problem> {
    let now = app.now();
    let candidates = reading
        .drafts
        .into_iter()
        .map(|draft| Candidate { id: app.ids.fact_id(now), kind: draft.kind, content: draft.content })
        .collect();
    let kept = keep(app, source, candidates).await?;
    let mut delivered = Delivered::default();
    let mut diagnostics: Vec<String> = reading.diagnostics.iter().map(ToString::to_string).collect();
    for kept in kept {
        match kept {
            Kept::Stored(_) => delivered.stored += 1,
            Kept::Known(..) => delivered.known += 1,
            Kept::Refused(why) => {
                delivered.refused += 1;
                diagnostics.push(format!("refused: {why}"));
            }
        }
    }
    if let Some(first) = diagnostics.first() {
        app.health.noted(source.id, first, now);
    }
    if diagnostics.len() > TOLD {
        let more = diagnostics.len() - TOLD;
        diagnostics.truncate(TOLD);
        diagnostics.push(format!("and {more} more"));
    }
    delivered.diagnostics = diagnostics;
    Ok(delivered)
}

fn read(app: &App, source: &Source, headers: &HeaderMap, bytes: &[u8]) -> Reading {
    let mapping = mapping(&source.mapping);
    let headers = HeadersOf(headers);
    let delivery = Delivery { headers: &headers, body: bytes, received_at: app.now(), mapping: &mapping };
    intake::read(format(source.kind), &delivery)
}
