//! Foreign text to facts: webhooks, batches; what was not understood is kept verbatim.
//!
//! Pure: the bytes of a delivery and the time of its receipt come in, drafts of facts and
//! diagnostics come out. A parser never fails as a whole: a delivery that is not understood is one
//! fact of kind `unknown` with the payload in it and a diagnostic that says what was not
//! understood. One file per format; `docs/adding-a-source.md` is the checklist for another one.

mod alertmanager;
mod alerts;
mod base64;
mod delivery;
mod forge;
mod generic;
mod github;
mod gitlab;
mod grafana;
mod guess;
mod json;
pub mod ndjson;
mod path;
mod reading;
mod sample;
pub mod secrets;
pub mod signature;
mod split;
mod telling;
mod time;
mod unknown;

pub use delivery::{Delivery, Format, Headers, Mapping};
pub use reading::{Code, Diagnostic, Draft, Reading};
pub use sample::sample;

/// How many facts one delivery may become; what is beyond stays in one fact of kind `unknown`.
pub const MAX_FACTS: usize = 10_000;

/// Reads a delivery. There is always at least one draft.
pub fn read(format: Format, delivery: &Delivery<'_>) -> Reading {
    let body = match json::body(delivery) {
        Ok(body) => body,
        Err(reason) => return unknown::whole(delivery, reason),
    };
    let tellings = match format {
        Format::Alertmanager => alertmanager::read(delivery, &body),
        Format::Grafana => grafana::read(delivery, &body),
        Format::Json => generic::read(delivery, &body),
        Format::Github => github::read(delivery, &body),
        Format::Gitlab => gitlab::read(delivery, &body),
    };
    match tellings {
        Ok(tellings) => telling::settle(delivery, tellings),
        Err(reason) => unknown::whole(delivery, reason),
    }
}
