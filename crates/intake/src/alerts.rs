//! Alerts, one fact each: what Alertmanager's and Grafana's webhooks have in common.

use fact::{Kind, Span};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::json::{Body, one_line, text};
use crate::telling::{Telling, hex, prefix, unique};
use crate::time::{Told, absurdity};
use crate::{Code, Delivery, Diagnostic, MAX_FACTS, split, unknown};

/// Labels that say what an alert is about, the most telling first.
const SUBJECTS: [&str; 14] = [
    "service",
    "app",
    "application",
    "instance",
    "host",
    "hostname",
    "node",
    "device",
    "pod",
    "job",
    "deployment",
    "namespace",
    "cluster",
    "target",
];

/// Fields of the envelope that go into every alert's data.
const ENVELOPE: [&str; 5] = ["receiver", "externalURL", "groupKey", "groupLabels", "title"];

/// Fields of an alert that go into its data.
const ALERT: [&str; 9] = [
    "status",
    "labels",
    "annotations",
    "generatorURL",
    "silenceURL",
    "dashboardURL",
    "panelURL",
    "values",
    "fingerprint",
];

/// Reads a webhook with an array `alerts`; fails when there is none.
pub fn read(delivery: &Delivery<'_>, body: &Body<'_>) -> Result<Vec<Telling>, Diagnostic> {
    let shape = |what: &str| Diagnostic::new(Code::UnknownShape, format!("not a webhook of alerts: {what}"));
    let envelope = body.value.as_object().ok_or_else(|| shape("not a JSON object"))?;
    let alerts = envelope.get("alerts").ok_or_else(|| shape("it has no `alerts`"))?;
    let alerts = alerts.as_array().ok_or_else(|| shape("its `alerts` is not an array"))?;
    let written = split::elements(&body.text, &["alerts".to_owned()]).unwrap_or_default();
    let (Some(first), Some(last)) = (written.first(), written.last()) else {
        return Err(shape("its `alerts` is empty"));
    };
    if written.len() != alerts.len() {
        return Err(shape("its `alerts` can't be told apart"));
    }
    let (before, after) = (&body.text[..first.start], &body.text[last.end..]);
    // A large envelope is kept once, or a delivery of many alerts would grow with their square.
    let is_small = (before.len() + after.len()) * alerts.len() <= 4 * body.text.len() + 65_536;
    let mut tellings: Vec<Telling> = Vec::with_capacity(alerts.len().min(MAX_FACTS));
    for (index, (alert, range)) in alerts.iter().zip(&written).enumerate().take(MAX_FACTS) {
        let mut telling = one(delivery, &body.value, alert, index);
        let own = &body.text[range.clone()];
        telling.raw = if is_small || index == 0 { format!("{before}{own}{after}") } else { own.to_owned() };
        if !is_small && index > 0 {
            telling.put("envelope_in", tellings[0].native_id.clone());
        }
        tellings.push(telling);
    }
    tellings.extend(beyond(delivery, alerts.len()));
    Ok(tellings)
}

/// The fact that keeps a delivery of more alerts than are taken apart.
fn beyond(delivery: &Delivery<'_>, count: usize) -> Option<Telling> {
    let too_many = format!("the delivery has {count} alerts; the first {MAX_FACTS} were taken apart");
    (count > MAX_FACTS).then(|| unknown::one(delivery, Diagnostic::new(Code::Cut, too_many)))
}

fn one(delivery: &Delivery<'_>, envelope: &Value, alert: &Value, index: usize) -> Telling {
    let labels = alert.get("labels").and_then(Value::as_object);
    let status = text(alert, "status").or_else(|| text(envelope, "status")).unwrap_or("firing");
    let status = prefix(status, 64);
    let is_resolved = matches!(status, "resolved" | "ok" | "inactive");
    let begin = Told::read(alert.get("startsAt"));
    let end = if is_resolved { Told::read(alert.get("endsAt")) } else { Told::Missing };
    let at = if is_resolved { end.clone() } else { begin.clone() };
    let fingerprint = text(alert, "fingerprint").map_or_else(|| computed_fingerprint(labels), str::to_owned);
    let episode = match begin.at() {
        Some(begin) => begin.to_string(),
        // Without a beginning, two episodes of one alert can only be told apart by their delivery.
        None => format!("{}/{index}", unique(delivery)),
    };
    let native_id = format!("{fingerprint}/{episode}/{status}");
    let mut telling = Telling::new(Kind::ALERT, native_id, at, line(status, labels, alert));
    // A beginning that isn't told is not before what is: the end, else the receipt.
    let received_at = delivery.received_at;
    telling.span = Some(Span {
        begin: begin.at().or(end.at()).unwrap_or(received_at),
        end: is_resolved.then(|| end.at().unwrap_or(received_at)),
    });
    telling.thread = Some(fingerprint);
    oddities(delivery, envelope, alert, &begin, &end, &mut telling);
    ENVELOPE.iter().for_each(|name| put_small(&mut telling, envelope, name));
    ALERT.iter().for_each(|name| telling.put_field(alert, name));
    telling.put("status", status);
    telling
}

/// An envelope's field is copied to every alert, so it must be small.
fn put_small(telling: &mut Telling, envelope: &Value, name: &str) {
    let is_small = envelope.get(name).is_some_and(|value| value.to_string().len() <= 4_096);
    if is_small {
        telling.put_field(envelope, name);
    }
}

fn oddities(
    delivery: &Delivery<'_>,
    envelope: &Value,
    alert: &Value,
    begin: &Told,
    end: &Told,
    telling: &mut Telling,
) {
    if !alert.is_object() {
        telling.note(Code::UnknownShape, "the alert is not a JSON object");
    }
    if text(alert, "fingerprint").is_none() {
        telling.note(Code::Guessed, "the alert has no fingerprint; one was computed from its labels");
    }
    if text(alert, "status").is_none() && text(envelope, "status").is_none() {
        telling.note(Code::Guessed, "the alert has no status; it was taken as firing");
    }
    if let (Some(begin), Some(end)) = (begin.at(), end.at())
        && end < begin
        && absurdity(end, delivery.received_at).is_none()
    {
        telling.note(Code::Time, format!("the alert ends at {end}, before it begins at {begin}"));
    }
    let truncated = envelope.get("truncatedAlerts").and_then(Value::as_u64).unwrap_or(0);
    if truncated > 0 {
        telling.put("truncated_alerts", truncated);
        telling.note(Code::LeftOut, format!("the sender left {truncated} more alerts of this group out"));
    }
}

/// `firing: HighErrorRate api (severity=critical) — what the summary says`.
fn line(status: &str, labels: Option<&Map<String, Value>>, alert: &Value) -> String {
    let label = |name: &str| labels.and_then(|labels| labels.get(name)).and_then(Value::as_str);
    let name = label("alertname").unwrap_or("alert");
    let mut line = format!("{}: {}", one_line(status, 32), one_line(name, 200));
    if let Some(subject) = SUBJECTS.iter().find_map(|name| label(name)).filter(|subject| *subject != name) {
        line.push_str(&format!(" {}", one_line(subject, 200)));
    }
    if let Some(severity) = label("severity").or_else(|| label("priority")) {
        line.push_str(&format!(" (severity={})", one_line(severity, 32)));
    }
    let annotation = |name: &str| alert.get("annotations").and_then(|notes| text(notes, name));
    let summary = ["summary", "message", "description", "title"].iter().find_map(|name| annotation(name));
    if let Some(summary) = summary {
        line.push_str(&format!(" — {}", one_line(summary, 400)));
    }
    line
}

/// Sixteen hexadecimal digits from the sorted labels.
fn computed_fingerprint(labels: Option<&Map<String, Value>>) -> String {
    let mut digest = Sha256::new();
    let mut labels: Vec<_> = labels.into_iter().flatten().collect();
    labels.sort_by_key(|(name, _)| *name);
    for (name, value) in labels {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        digest.update([name.as_bytes(), b"\xff", value.as_bytes(), b"\xff"].concat());
    }
    hex(&digest.finalize()[..8])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Format, Mapping, Reading};

    use super::*;

    fn reading(body: &Value) -> Reading {
        let received_at = "2026-02-20T15:10:00Z".parse().unwrap();
        let body = body.to_string();
        let delivery =
            Delivery { headers: &(), body: body.as_bytes(), received_at, mapping: &Mapping::default() };
        crate::read(Format::Alertmanager, &delivery)
    }

    /// A webhook with one alert, `over` laid over its usual fields.
    fn webhook(over: &Value) -> Value {
        let mut alert = json!({
            "status": "firing", "fingerprint": "f1", "startsAt": "2026-02-20T15:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "labels": {"alertname": "HighErrorRate", "service": "api", "severity": "critical"},
            "annotations": {"summary": "5 % of requests\nfail"},
        });
        for (name, value) in over.as_object().unwrap() {
            alert[name] = value.clone();
        }
        json!({"version": "4", "status": "firing", "receiver": "r", "alerts": [alert]})
    }

    fn check(over: &Value, expected: &str) {
        let reading = reading(&webhook(over));
        let content = &reading.drafts[0].content;
        let end = content.span.map(|span| format!("{} to {:?}", span.begin, span.end));
        let mut found = format!(
            "{} | {} | {} | {}",
            content.occurred_at,
            content.text,
            content.native_id,
            end.as_deref().unwrap_or("-")
        );
        for said in &reading.diagnostics {
            found.push_str(&format!("\n! {said}"));
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn firing_and_resolved_belong_together() {
        check(
            &json!({}),
            "2026-02-20T15:00:00.000000Z | firing: HighErrorRate api (severity=critical) — 5 % of requests fail \
             | f1/2026-02-20T15:00:00.000000Z/firing | 2026-02-20T15:00:00.000000Z to None",
        );
        check(
            &json!({"status": "resolved", "endsAt": "2026-02-20T15:05:00Z"}),
            "2026-02-20T15:05:00.000000Z | resolved: HighErrorRate api (severity=critical) — 5 % of requests fail \
             | f1/2026-02-20T15:00:00.000000Z/resolved \
             | 2026-02-20T15:00:00.000000Z to Some(2026-02-20T15:05:00.000000Z)",
        );
    }

    #[test]
    fn odd_times_are_replaced_and_said() {
        check(
            &json!({"startsAt": "9999-01-01T00:00:00Z", "labels": {}, "annotations": {}}),
            "2026-02-20T15:10:00.000000Z | firing: alert | f1/9999-01-01T00:00:00.000000Z/firing \
             | 2026-02-20T15:10:00.000000Z to None\n\
             ! the time it tells, 9999-01-01T00:00:00.000000Z, lies more than a day after its receipt; \
             the time of receipt was used",
        );
        check(
            &json!({"status": "resolved", "labels": {}, "annotations": {}}),
            "2026-02-20T15:10:00.000000Z | resolved: alert | f1/2026-02-20T15:00:00.000000Z/resolved \
             | 2026-02-20T15:00:00.000000Z to Some(2026-02-20T15:10:00.000000Z)\n\
             ! it tells no time; the time of receipt was used",
        );
        check(
            &json!({
                "status": "resolved", "endsAt": "2026-02-20T14:00:00+00:00", "labels": {}, "annotations": {},
            }),
            "2026-02-20T14:00:00.000000Z | resolved: alert | f1/2026-02-20T15:00:00.000000Z/resolved \
             | 2026-02-20T15:00:00.000000Z to Some(2026-02-20T15:00:00.000000Z)\n\
             ! the alert ends at 2026-02-20T14:00:00.000000Z, before it begins at 2026-02-20T15:00:00.000000Z",
        );
    }

    #[test]
    fn without_a_fingerprint_the_labels_make_one() {
        let thread = |labels: Value| {
            let reading = reading(&webhook(&json!({"fingerprint": null, "labels": labels})));
            assert_eq!(
                reading.diagnostics[0].message,
                "the alert has no fingerprint; one was computed from its labels"
            );
            reading.drafts[0].content.thread.clone().unwrap()
        };
        assert_eq!(thread(json!({"a": "1", "b": "2"})), thread(json!({"b": "2", "a": "1"})));
        assert_ne!(thread(json!({"a": "1", "b": "2"})), thread(json!({"a": "1", "b": "3"})));
        assert_ne!(thread(json!({"ab": "c"})), thread(json!({"a": "bc"})));
    }

    #[test]
    fn alerts_that_were_left_out_are_said() {
        let mut body = webhook(&json!({}));
        body["truncatedAlerts"] = 3.into();
        let reading = reading(&body);
        assert_eq!(reading.diagnostics[0].message, "the sender left 3 more alerts of this group out");
        assert_eq!(reading.drafts[0].content.data["truncated_alerts"], 3);
        assert_eq!(
            reading.drafts[0].content.data["diagnostics"],
            json!(["the sender left 3 more alerts of this group out"])
        );
    }

    #[test]
    fn each_keeps_its_own_and_the_envelope() {
        let mut body = webhook(&json!({}));
        let mut second = body["alerts"][0].clone();
        second["fingerprint"] = "f2".into();
        body["alerts"].as_array_mut().unwrap().push(second.clone());
        let reading = reading(&body);
        let raw: Value = serde_json::from_str(reading.drafts[1].content.raw.as_deref().unwrap()).unwrap();
        body["alerts"] = json!([second]);
        assert_eq!(raw, body);
    }

    #[test]
    fn a_large_envelope_is_kept_once() {
        let mut body = webhook(&json!({}));
        let alert = body["alerts"][0].clone();
        body["alerts"] = vec![alert; 50].into();
        body["commonAnnotations"] = json!({"runbook": "x".repeat(50_000)});
        let reading = reading(&body);
        let len = |index: usize| reading.drafts[index].content.raw.as_ref().unwrap().len();
        assert!(len(0) > 50_000 && len(1) < 1_000);
        assert_eq!(
            reading.drafts[1].content.data["envelope_in"],
            reading.drafts[0].content.native_id.as_str()
        );
    }

    #[test]
    fn hostile_text_stays_text() {
        let reading = reading(&webhook(&json!({
            "labels": {"alertname": "<script>\u{0}\u{202e}\u{7}", "k\u{0}": "v\u{0}"},
        })));
        let content = &reading.drafts[0].content;
        assert_eq!(content.text, "firing: <script>\u{fffd}\u{202e}\u{7} — 5 % of requests fail");
        assert_eq!(content.data["labels"]["k\u{fffd}"], "v\u{fffd}");
        let said: Vec<_> = reading.diagnostics.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            ["NUL characters in the text were replaced", "NUL characters in the data were replaced",]
        );
        assert!(content.raw.as_deref().unwrap().contains("\\u0000"), "the payload stays as it came");
    }

    #[test]
    fn what_is_no_webhook_of_alerts_is_kept_as_unknown() {
        let check = |body: Value, expected: &str| {
            let reading = reading(&body);
            assert_eq!(reading.drafts[0].kind, Kind::UNKNOWN);
            assert_eq!(reading.drafts[0].content.text, format!("not understood: {expected}"));
            assert_eq!(reading.diagnostics[0].message, expected);
        };
        check(json!([1]), "not a webhook of alerts: not a JSON object");
        check(json!({}), "not a webhook of alerts: it has no `alerts`");
        check(json!({"alerts": 1}), "not a webhook of alerts: its `alerts` is not an array");
        check(json!({"alerts": []}), "not a webhook of alerts: its `alerts` is empty");
    }
}
