//! Whether a delivery comes from its source: by the secret in the address, a token or a signature.
//!
//! Everything is compared in constant time, and an unknown source goes the same way as a wrong
//! secret, so that neither the answer nor its time tells which names exist.

use axum::http::{HeaderMap, StatusCode};
use fact::SourceId;
use incident::Source;
use intake::signature::{self, Verdict};
use store::{Secret, StoreError, TokenScope};

use super::foreign::{HeadersOf, format};
use crate::auth::{self, ClientAddress, Owner, source_secret};
use crate::{App, Problem};

/// A source that a delivery is addressed to, proven or not.
pub(super) struct Addressee {
    source: Option<Box<Source>>,
    secret: Secret,
}

impl Addressee {
    /// By name; one that is not there has a secret that nobody knows.
    pub(super) fn named(app: &App, name: &str) -> Self {
        let source =
            app.state().source_named(name).filter(|source| source.id != SourceId::OWN).cloned().map(Box::new);
        let secret = match &source {
            Some(source) => source_secret(&app.config.key, source),
            None => auth::nobodys_secret(app.ids.as_ref()),
        };
        Addressee { source, secret }
    }

    /// By the secret in the address.
    pub(super) fn by_secret(self, shown: &str) -> Result<Source, Self> {
        let is_proven = auth::is_same(shown, &self.secret);
        self.proven(is_proven)
    }

    /// By `Authorization: Bearer` with a token of the source.
    pub(super) async fn by_token(
        self,
        app: &App,
        headers: &HeaderMap,
    ) -> Result<Result<Source, Self>, StoreError> {
        let Some(shown) = auth::bearer(headers) else { return Ok(Err(self)) };
        let is_proven = match auth::owner(app, shown).await? {
            Some((Owner::Source(id), TokenScope::Record)) => {
                self.source.as_ref().is_some_and(|source| source.id == id)
            }
            _ => false,
        };
        Ok(self.proven(is_proven))
    }

    /// By the secret or a signature in the headers, as its format has it.
    pub(super) fn by_headers(self, headers: &HeaderMap, body: &[u8]) -> Result<Source, Self> {
        let format = self.source.as_ref().map_or(intake::Format::Json, |source| format(source.kind));
        let verdict = signature::check(format, &HeadersOf(headers), body, &self.secret.0);
        self.proven(verdict == Verdict::Valid)
    }

    fn proven(self, is_proven: bool) -> Result<Source, Self> {
        match self {
            Addressee { source: Some(source), .. } if is_proven => Ok(*source),
            unproven => Err(unproven),
        }
    }

    /// Refuses, counts, and tells the source's health.
    pub(super) fn refuse(self, app: &App, address: ClientAddress) -> Problem {
        let now = app.now();
        if let Some(source) = &self.source {
            app.health.unproven(source.id, now);
        }
        if app.failures.count(address.0, now) {
            return Problem::too_many();
        }
        Problem::new(
            StatusCode::NOT_FOUND,
            "no-such-address",
            "There is no source at this address, or the proof that goes with it is wrong.",
        )
        .hint("`deadstick sources` tells which there are; adding one again tells its address.")
    }
}

/// Whether there may be a proof in the headers: without one, no body of a stranger is read.
pub(super) fn may_prove(headers: &HeaderMap) -> bool {
    ["authorization", "x-hub-signature-256", "x-gitlab-token", "x-grafana-alerting-signature"]
        .iter()
        .any(|name| headers.contains_key(*name))
}
