//! A sample delivery of every format, for trying out a source.

use std::collections::BTreeMap;

use fact::{Kind, Timestamp};
use serde_json::json;

use crate::{Delivery, Draft, Format, Mapping, read};

/// What a delivery of the format becomes, as facts of kind `test`, which lie in no window.
///
/// Every time of receipt makes facts of its own.
pub fn sample(format: Format, received_at: Timestamp) -> Vec<Draft> {
    let at = received_at.to_string();
    let id = format!("test-{}", received_at.micros());
    let alert = json!({
        "version": "4", "receiver": "deadstick", "status": "firing",
        "alerts": [{
            "status": "firing", "startsAt": at, "endsAt": "0001-01-01T00:00:00Z", "fingerprint": id,
            "labels": {"alertname": "DeadstickTest", "severity": "none", "service": "example"},
            "annotations": {"summary": "A sample alert: nothing is wrong"},
        }],
    });
    let (headers, body) = match format {
        Format::Alertmanager | Format::Grafana => (vec![], alert),
        Format::Github => (
            vec![("x-github-event", "ping"), ("x-github-delivery", id.as_str())],
            json!({"zen": "A sample delivery: nothing was deployed", "sender": {"login": "deadstick"}}),
        ),
        Format::Gitlab => (
            vec![("x-gitlab-event", "Release Hook"), ("x-gitlab-event-uuid", id.as_str())],
            json!({
                "object_kind": "release", "action": "create", "tag": "v0", "created_at": at,
                "name": "A sample release: nothing was released",
                "project": {"path_with_namespace": "example/example"},
            }),
        ),
        Format::Json => (
            vec![("idempotency-key", id.as_str())],
            json!({"time": at, "text": "A sample delivery: nothing happened", "actor": "deadstick"}),
        ),
    };
    let headers: BTreeMap<_, _> =
        headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let body = body.to_string();
    let mapping = Mapping::default();
    let delivery = Delivery { headers: &headers, body: body.as_bytes(), received_at, mapping: &mapping };
    let mut drafts = read(format, &delivery).drafts;
    for draft in &mut drafts {
        draft.kind = Kind::TEST;
        // Nothing fires, and nothing belongs to an episode.
        draft.content.span = None;
        draft.content.thread = None;
    }
    drafts
}
