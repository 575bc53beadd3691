//! Deliveries as vendors send them, from the development data beside the repository.
// tidy: foreign word in this file: ticket

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

#[test]
fn gitlab() {
    let mut text = String::new();
    for name in ["deployment_hook__succeeded.json", "issue_hook__incident_created.json"] {
        let headers = [("X-Gitlab-Event-UUID", "13792a34-cac6-4fda-95a8-c58e00a3954e")];
        let Some((_, reading)) = sample(Format::Gitlab, &format!("gitlab/{name}"), &headers) else { return };
        let _ = write!(text, "{name}\n{}", rendering(&reading));
    }
    insta::assert_snapshot!(text, @"
    deployment_hook__succeeded.json
    2025-05-02T11:55:16.000000Z change | deploy of 5879366 to production: success (theofficialvedantjoshi) — vedant8600317/test
      id 13792a34-cac6-4fda-95a8-c58e00a3954e/deployment/988572802/success thread deployment/988572802 actor theofficialvedantjoshi raw 1721
      span 2025-05-02T11:55:16.000000Z to 2025-05-02T11:55:16.000000Z
      data environment event outcome project ref sha state url
    issue_hook__incident_created.json
    2026-05-28T05:04:31.155000Z event | incident #2 opened: Testing (sathwikshetty33) — sathwikshetty33-group/mVc
      id 13792a34-cac6-4fda-95a8-c58e00a3954e/work_item/191200846/open thread sathwikshetty33-group/mVc/issue/2 actor sathwikshetty33 raw 3488
      data action event project severity url
    ");
}

#[test]
fn github() {
    let mut text = String::new();
    let Ok(files) = std::fs::read_dir(folder().join("github")) else {
        eprintln!("skipped: no samples of GitHub");
        return;
    };
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    for name in names {
        let event = name.split('.').next().unwrap();
        let headers = [("X-GitHub-Event", event), ("X-GitHub-Delivery", "72d3162e-cc78")];
        let path = format!("github/{name}");
        let Some((body, reading)) = sample(Format::Github, &path, &headers) else { return };
        let _ = write!(text, "{name}\n{}", rendering(&reading));
        // Without its headers it is read as the same, with a word about it.
        let Some((_, bare)) = sample(Format::Github, &path, &[]) else { return };
        assert_eq!(bare.drafts[0].content.text, reading.drafts[0].content.text, "{name}");
        assert_eq!(bare.diagnostics.len(), 1, "{name}");
        assert_eq!(reading.drafts[0].content.raw.as_ref().map(String::as_bytes), Some(&body[..]), "{name}");
    }
    insta::assert_snapshot!(text, @"
    check_run.completed.json
    2019-05-15T15:21:12.000000Z event | check Octocoders-linter at ec26c3e: success (Codertocat) — Codertocat/Hello-World
      id 72d3162e-cc78 thread check_run/128620228 actor Codertocat raw 14159
      span 2019-05-15T15:21:12.000000Z to 2019-05-15T15:21:12.000000Z
      data action event outcome repository sha state url
    create.json
    2019-05-15T15:20:56.000000Z change | tag simple-tag created (Codertocat) — Codertocat/Hello-World
      id 72d3162e-cc78 thread - actor Codertocat raw 6875
      data event ref repository
    deployment.json
    2019-05-15T15:20:53.000000Z change | deploy of master (f95f852) to production: started (Codertocat) — Codertocat/Hello-World
      id 72d3162e-cc78 thread deployment/145988746 actor Codertocat raw 8585
      span 2019-05-15T15:20:53.000000Z to ..
      data action environment event ref repository sha state
    deployment_status.json
    2019-05-15T15:20:55.000000Z change | deploy of master (f95f852) to production: success (Codertocat) — Codertocat/Hello-World
      id 72d3162e-cc78 thread deployment/145988746 actor Codertocat raw 10255
      span 2019-05-15T15:20:53.000000Z to 2019-05-15T15:20:55.000000Z
      data action environment event outcome ref repository sha state
    issues.labeled.json
    2019-05-15T15:20:18.000000Z event | issue #1 labeled bug: Spelling error in the README file (Codertocat) — Codertocat/Hello-World
      id 72d3162e-cc78 thread Codertocat/Hello-World/issue/1 actor Codertocat raw 13790
      data action event repository url
    issues.opened.json
    2019-05-15T15:20:18.000000Z event | issue #1 opened: Spelling error in the README file (Codertocat) — Codertocat/Hello-World
      id 72d3162e-cc78 thread Codertocat/Hello-World/issue/1 actor Codertocat raw 13521
      data action event repository url
    ping.json
    2026-06-01T12:00:00.000000Z event | webhook connected: Anything added dilutes everything else. (Codertocat) — Octocoders/Hello-World
      id 72d3162e-cc78 thread - actor Codertocat raw 7633
      data event repository state time_of
    push.1.json
    2019-05-15T15:20:57.000000Z change | tag simple-tag deleted (Codertocat) — Codertocat/Hello-World
      id 72d3162e-cc78 thread - actor Codertocat raw 8066
      data event ref repository sha url
    push.json
    2019-05-15T15:20:57.000000Z change | tag simple-tag deleted (Codertocat) — Codertocat/Hello-World
      id 72d3162e-cc78 thread - actor Codertocat raw 7324
      data event ref repository sha url
    release.published.json
    2019-05-15T15:20:53.000000Z change | release 0.0.1 published (Codertocat) — Codertocat/Hello-World
      id 72d3162e-cc78 thread release/17372790 actor Codertocat raw 8751
      data action event ref repository url
    status.json
    2019-05-15T15:20:55.000000Z event | status default of 6113728: success (Codertocat) — Codertocat/Hello-World
      id 72d3162e-cc78 thread - actor Codertocat raw 12160
      data event outcome repository sha state
    workflow_job.completed.failure.with-organization.json
    2021-08-05T10:38:16.000000Z event | job linters at 3484a3f: failure (Codertocat) — Codertocat/Hello-World
      id 72d3162e-cc78 thread workflow_job/289782451 actor Codertocat raw 11441
      span 2021-08-05T10:34:58.000000Z to 2021-08-05T10:38:16.000000Z
      data action event outcome ref repository sha state url
    workflow_run.completed.json
    2020-10-05T16:33:49.000000Z change | workflow test on master at 3484a3f: success (Codertocat) — octo-org/octo-repo
      id 72d3162e-cc78 thread workflow_run/289782451 actor Codertocat raw 21908
      span 2020-10-05T16:33:49.000000Z to 2020-10-05T16:33:49.000000Z
      data action event outcome ref repository sha state url
    ");
}
