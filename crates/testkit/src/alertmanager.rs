//! What an Alertmanager posts, written after the documentation of its webhook.

use fact::Timestamp;
use serde_json::{Value, json};

/// One alert of a payload.
#[derive(Debug, Clone)]
pub struct Alert<'a> {
    /// Its name.
    pub name: &'a str,
    /// Sixteen hexadecimal digits.
    pub fingerprint: &'a str,
    /// Since when it fires.
    pub starts_at: Timestamp,
    /// When it was resolved.
    pub ends_at: Option<Timestamp>,
    /// What it says.
    pub summary: &'a str,
}

/// A payload of version 4 with these alerts.
pub fn alertmanager(alerts: &[Alert<'_>]) -> Value {
    let is_firing = alerts.iter().any(|alert| alert.ends_at.is_none());
    let alerts: Vec<Value> = alerts.iter().map(one).collect();
    json!({
        "version": "4",
        "groupKey": "{}:{}",
        "truncatedAlerts": 0,
        "status": if is_firing { "firing" } else { "resolved" },
        "receiver": "deadstick",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example:9093",
        "alerts": alerts,
    })
}

fn one(alert: &Alert<'_>) -> Value {
    let ends_at = alert.ends_at.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), |at| at.to_string());
    json!({
        "status": if alert.ends_at.is_none() { "firing" } else { "resolved" },
        "labels": {"alertname": alert.name, "severity": "critical", "service": "api"},
        "annotations": {"summary": alert.summary},
        "startsAt": alert.starts_at.to_string(),
        "endsAt": ends_at,
        "generatorURL": "http://prometheus.example:9090/graph",
        "fingerprint": alert.fingerprint,
    })
}
