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
