//! Deliveries as vendors send them, from the development data beside the repository.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test; the samples are files")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use fact::Timestamp;
use intake::{Delivery, Format, Mapping, Reading, read};

fn folder() -> PathBuf {
    let shared = std::env::var_os("DEADSTICK_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    shared.join("data/incidents/webhooks")
}

/// Reads a sample; `None`, and says so, where the data is absent.
fn sample(format: Format, name: &str, headers: &[(&str, &str)]) -> Option<(Vec<u8>, Reading)> {
    let path = folder().join(name);
    let Ok(body) = std::fs::read(&path) else {
        eprintln!("skipped: no sample at {}", path.display());
        return None;
    };
    let headers: BTreeMap<_, _> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let received_at: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
    let mapping = Mapping::default();
    let delivery = Delivery { headers: &headers, body: &body, received_at, mapping: &mapping };
    let reading = read(format, &delivery);
    assert_eq!(reading, read(format, &delivery), "reading is not repeatable");
    Some((body, reading))
}

/// A compact rendering: what a person would check.
fn rendering(reading: &Reading) -> String {
    let mut text = String::new();
    for draft in &reading.drafts {
        let content = &draft.content;
        let _ = writeln!(text, "{} {} | {}", content.occurred_at, draft.kind, content.text);
        let _ = writeln!(
            text,
            "  id {} thread {} actor {} raw {}",
            content.native_id,
            content.thread.as_deref().unwrap_or("-"),
            content.actor.as_deref().unwrap_or("-"),
            content.raw.as_ref().map_or(0, String::len),
        );
        if let Some(span) = content.span {
            let end = span.end.map_or("..".into(), |end| end.to_string());
            let _ = writeln!(text, "  span {} to {end}", span.begin);
        }
        let names: Vec<_> = content.data.keys().map(String::as_str).collect();
        let _ = writeln!(text, "  data {}", names.join(" "));
    }
    for diagnostic in &reading.diagnostics {
        let _ = writeln!(text, "! {diagnostic}");
    }
    text
}

#[test]
fn alertmanager() {
    let Some((_, reading)) = sample(Format::Alertmanager, "alertmanager/alert.json", &[]) else { return };
    insta::assert_snapshot!(rendering(&reading), @"
    2020-02-06T00:17:58.432911Z alert | firing: High CPU Temperature andromeda (severity=critical) — High CPU core temperature
      id a1bc48475b20e73d/2020-02-06T00:17:58.432911Z/firing thread a1bc48475b20e73d actor - raw 1109
      span 2020-02-06T00:17:58.432911Z to ..
      data annotations externalURL fingerprint generatorURL groupKey labels receiver status
    2020-02-06T00:17:58.432911Z alert | firing: High CPU Temperature andromeda (severity=critical) — High CPU core temperature
      id c2ea85182f28cbd9/2020-02-06T00:17:58.432911Z/firing thread c2ea85182f28cbd9 actor - raw 1110
      span 2020-02-06T00:17:58.432911Z to ..
      data annotations externalURL fingerprint generatorURL groupKey labels receiver status
    ");
}

#[test]
fn grafana() {
    let Some((_, reading)) = sample(Format::Grafana, "grafana/alert_values_v11.json", &[]) else { return };
    insta::assert_snapshot!(rendering(&reading), @"
    2024-03-01T02:09:00.000000Z alert | firing: Memory (copy) — High memory usage
      id e6349a25f5ef0e9e/2024-03-01T02:09:00.000000Z/firing thread e6349a25f5ef0e9e actor - raw 2492
      span 2024-03-01T02:09:00.000000Z to ..
      data annotations dashboardURL externalURL fingerprint generatorURL groupKey groupLabels labels panelURL receiver silenceURL status title values
    ");
}

/// The other vendors, through generic JSON without a mapping: one line a file.
#[test]
fn other_vendors_without_a_mapping() {
    let mut text = String::new();
    for vendor in ["cdevents", "opsgenie", "pagerduty", "sentry", "slack-events", "statuspage"] {
        let Ok(files) = std::fs::read_dir(folder().join(vendor)) else {
            eprintln!("skipped: no samples of {vendor}");
            return;
        };
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        for name in names {
            let Some((body, reading)) = sample(Format::Json, &format!("{vendor}/{name}"), &[]) else {
                return;
            };
            let [draft] = &reading.drafts[..] else { panic!("{name}: {} drafts", reading.drafts.len()) };
            let content = &draft.content;
            assert_eq!(content.raw.as_ref().map(String::as_bytes), Some(&body[..]), "{name}");
            let time =
                if reading.diagnostics.is_empty() { content.occurred_at.to_string() } else { "?".into() };
            let actor = content.actor.as_deref().unwrap_or("-");
            let _ = writeln!(text, "{vendor}/{name}: {time} {actor}: {}", content.text);
        }
    }
    insta::assert_snapshot!(text, @"
    cdevents/change_merged.json: 2023-03-20T14:27:05.315384Z -: dev.cdevents.change.merged.0.3.0
    cdevents/environment_modified.json: 2023-03-20T14:27:05.315384Z -: testEnv (dev.cdevents.environment.modified.0.3.0)
    cdevents/incident_detected.json: 2022-11-11T13:52:20.079000Z -: Response time above threshold of 100ms (dev.cdevents.incident.detected.0.3.0)
    cdevents/incident_reported.json: 2022-11-11T13:52:20.079000Z -: Response time above threshold of 100ms (dev.cdevents.incident.reported.0.3.0)
    cdevents/incident_resolved.json: 2022-11-11T13:52:20.079000Z -: Response time restored below 100ms (dev.cdevents.incident.resolved.0.3.0)
    cdevents/service_deployed.json: 2023-03-20T14:27:05.315384Z -: dev.cdevents.service.deployed.0.3.0
    cdevents/service_rolledback.json: 2023-03-20T14:27:05.315384Z -: dev.cdevents.service.rolledback.0.3.0
    cdevents/ticket_created.json: 2022-11-11T13:52:20.079000Z Alice: New CVE-123 detected (dev.cdevents.ticket.created.0.2.0)
    opsgenie/close.json: 2015-01-05T10:06:14.669001Z <email>: test alert (Close)
    opsgenie/create.json: 2017-08-14T11:25:56.288000Z test@example.com: another alert (Create)
    pagerduty/acknowledged_v3.json: 2021-06-04T13:55:30.394000Z PIG 208: Test Incident (incident.acknowledged)
    pagerduty/conference_bridge_updated_v3.json: 2026-04-01T02:20:15.274000Z Harsh Santwani: Harsh Santwani (incident.conference_bridge.updated)
    pagerduty/escalate_v3.json: 2026-04-01T02:08:04.642000Z Harsh Santwani: Critical: Checkout API High Latency (incident.escalated)
    pagerduty/resolved_v3.json: 2021-06-04T13:16:53.816000Z PIG 208: Test Incident (incident.resolved)
    pagerduty/status_updated_v3.json: 2026-04-01T02:17:41.211000Z Harsh Santwani: Investigating a P1 incident with the Checkout API in us-east-1. Customers may see 504 errors or delays during purchase. We've identified a database lock and are working on a fix. Expected remediation within 30 minutes; next update at 08:15 UTC. (incident.status_update_published)
    pagerduty/triggered_v3.json: 2021-06-04T13:35:29.781000Z PIG 208: Test Incident 3 (incident.triggered)
    sentry/issue_resolved.json: 2020-04-30T05:54:15.092476Z Hemanth V. Alluri: Exception: program has entered an invalid state. (resolved)
    slack-events/ChannelCreatedPayload.json: ? -: event_callback
    slack-events/ChannelRenamePayload.json: ? -: event_callback
    slack-events/FileSharedPayload.json: ? -: event_callback
    slack-events/MemberJoinedChannelPayload.json: ? -: event_callback
    slack-events/MessageChannelTopicPayload.json: ? -: message
    slack-events/MessageMePayload.json: ? -: message
    slack-events/MessagePayload.json: ? -: message
    slack-events/MessageRepliedPayload.json: ? -: message
    slack-events/PinAddedPayload.json: ? -: event_callback
    slack-events/ReactionAddedPayload.json: ? -: event_callback
    statuspage/incident_created.json: 2017-12-26T07:32:00.603000Z -: Database query delays (identified)
    statuspage/incident_update.json: 2017-12-26T07:37:20.837000Z -: Database query delays (resolved)
    ");
}
