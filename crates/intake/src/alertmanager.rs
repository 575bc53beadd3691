//! Alertmanager's webhook, version 4.
//!
//! One fact an alert; its thread is the fingerprint, so that firing and resolved belong together.
//! Shape: the `Data` of Alertmanager's notification templates, as its documentation of
//! `webhook_config` shows it.

use crate::alerts;
use crate::json::{Body, text};
use crate::telling::Telling;
use crate::{Code, Delivery, Diagnostic};

/// Reads a delivery.
pub fn read(delivery: &Delivery<'_>, body: &Body<'_>) -> Result<Vec<Telling>, Diagnostic> {
    let mut tellings = alerts::read(delivery, body)?;
    let version = text(&body.value, "version").unwrap_or("none");
    if version != "4"
        && let Some(first) = tellings.first_mut()
    {
        let message = format!("the webhook's version is {version}, not 4; it was read as if it were 4");
        first.note(Code::Guessed, message.chars().take(120).collect::<String>());
    }
    Ok(tellings)
}
