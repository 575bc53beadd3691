//! Whatever is delivered: no panic, within the limits, told twice the same, and the payload kept.

use std::collections::BTreeMap;

use fact::{FactId, Limits, NewFact, SourceId, Timestamp};
use intake::{Delivery, Format, Headers, Mapping, Reading, read};
use proptest::prelude::*;
use serde_json::{Map, Value};

const FORMATS: [Format; 5] =
    [Format::Alertmanager, Format::Grafana, Format::Github, Format::Gitlab, Format::Json];

fn received_at() -> Timestamp {
    Timestamp::from_secs(1_771_600_200)
}

fn read_twice(format: Format, headers: &dyn Headers, body: &[u8], mapping: &Mapping) -> Reading {
    let delivery = Delivery { headers, body, received_at: received_at(), mapping };
    let reading = read(format, &delivery);
    assert_eq!(reading, read(format, &delivery), "not repeatable");
    reading
}

/// What must hold of every reading.
fn check(format: Format, body: &[u8], reading: &Reading) {
    assert!(!reading.drafts.is_empty());
    for draft in &reading.drafts {
        let id = FactId("019ab3de-7a43-7c21-8f00-000000000001".parse().expect("an id"));
        let fact =
            NewFact { id, source: SourceId::OWN, kind: draft.kind.clone(), content: draft.content.clone() };
        assert_eq!(Limits::check(&fact), Ok(()), "{format:?}");
        assert!(draft.content.live);
        assert!(draft.content.occurred_at <= received_at().plus_minutes(24 * 60));
    }
    assert!(is_kept(body, reading), "{format:?} lost a payload: {reading:?}");
}

/// Whether the body can be put together again from what the drafts keep of it.
fn is_kept(body: &[u8], reading: &Reading) -> bool {
    let Ok(text) = std::str::from_utf8(body) else {
        return reading.drafts[0].content.data.contains_key("raw_base64");
    };
    let raws: Vec<&str> =
        reading.drafts.iter().map(|draft| draft.content.raw.as_deref().unwrap_or_default()).collect();
    if raws.contains(&text) || text.is_empty() {
        return true;
    }
    // Elements: each raw is an element, or an element in its envelope.
    let elements: Vec<Value> = raws.iter().filter_map(|raw| serde_json::from_str(raw).ok()).collect();
    let Ok(value) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else { return false };
    match value.get("alerts").unwrap_or(&value) {
        Value::Array(items) => {
            items.len() == elements.len()
                && items
                    .iter()
                    .zip(&elements)
                    .all(|(item, kept)| kept == item || kept["alerts"] == Value::from(vec![item.clone()]))
        }
        _ => false,
    }
}

/// JSON in which the names that parsers look for are frequent.
fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "alerts",
        "status",
        "labels",
        "annotations",
        "startsAt",
        "endsAt",
        "fingerprint",
        "truncatedAlerts",
        "alertname",
        "summary",
        "deployment",
        "deployment_status",
        "workflow_run",
        "id",
        "state",
        "created_at",
        "updated_at",
        "sender",
        "login",
        "repository",
        "full_name",
        "pushed_at",
        "ref",
        "before",
        "after",
        "commits",
        "object_kind",
        "object_attributes",
        "action",
        "iid",
        "title",
        "text",
        "time",
        "user",
        "sha",
        "number",
        "issue",
        "comment",
        "pull_request",
        "merged",
        "release",
        "head_sha",
        "zen",
        "message",
    ]);
    let words = prop::sample::select(vec![
        "firing",
        "resolved",
        "2020-02-06T00:17:58.432911368Z",
        "0001-01-01T00:00:00Z",
        "2999-01-01T00:00:00Z",
        "deployment",
        "push",
        "success",
        "in_progress",
        "refs/tags/v1",
        "0000000000",
        "\0",
        "\u{202e}x",
        "é",
        "1970-01-01T00:00:00+99:99",
        "closed",
        "completed",
        "pipeline",
        "",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..8).prop_map(|fields| {
                Value::Object(
                    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>(),
                )
            }),
        ]
    })
}

fn any_path() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-z/.~0-9]{0,6}|alerts|title|/text|time|status|id")
}

prop_compose! {
    fn any_mapping()(paths in prop::collection::vec(any_path(), 8)) -> Mapping {
        let [time, text, actor, native_id, thread, status, kind, each]: [Option<String>; 8] =
            paths.try_into().expect("eight paths");
        Mapping { time, text, actor, native_id, thread, status, kind, each: each.filter(|each| each == "alerts") }
    }
}

proptest! {
    #[test]
    fn any_bytes(body: Vec<u8>, text in ".{0,64}") {
        for format in FORMATS {
            for body in [&body[..], text.as_bytes()] {
                check(format, body, &read_twice(format, &(), body, &Mapping::default()));
            }
        }
    }

    #[test]
    fn any_values(value in any_json(), mapping in any_mapping(), event in "[a-z_]{0,18}|deployment|push|issues") {
        let headers = BTreeMap::from([("X-GitHub-Event".to_owned(), event)]);
        let body = value.to_string();
        for format in FORMATS {
            for headers in [&headers as &dyn Headers, &()] {
                check(format, body.as_bytes(), &read_twice(format, headers, body.as_bytes(), &mapping));
            }
        }
    }

    #[test]
    fn any_alerts(alerts in prop::collection::vec(any_json(), 1..5), envelope in any_json()) {
        let body = serde_json::json!({"alerts": alerts, "version": "4", "groupLabels": envelope}).to_string();
        for format in [Format::Alertmanager, Format::Grafana] {
            let reading = read_twice(format, &(), body.as_bytes(), &Mapping::default());
            prop_assert_eq!(reading.drafts.len(), alerts.len());
            check(format, body.as_bytes(), &reading);
        }
    }
}

/// What is too long is cut with a mark, stays unique where it is a name, and is said.
#[test]
fn long_parts() {
    let long = |last: &str| format!("{}{last}", "é".repeat(40_000));
    let read = |id: &str| {
        let body = serde_json::json!({"id": id, "who": id, "text": id, "big": vec![id; 9]}).to_string();
        let path = |name: &str| Some(name.to_owned());
        let mapping = Mapping {
            native_id: path("id"),
            actor: path("who"),
            thread: path("id"),
            text: path("text"),
            ..Mapping::default()
        };
        let reading = read_twice(Format::Json, &(), body.as_bytes(), &mapping);
        check(Format::Json, b"", &reading);
        reading
    };
    let (one, two) = (read(&long("1")), read(&long("2")));
    let content = &one.drafts[0].content;
    assert!(content.text.ends_with("… [cut]") && content.text.len() > Limits::TEXT - 20);
    assert_ne!(content.native_id, two.drafts[0].content.native_id);
    assert!(content.native_id.starts_with("éééé"));
    let said: Vec<_> = one.diagnostics.iter().map(|said| &said.message[..16]).collect();
    assert_eq!(
        said,
        ["it tells no time", "the native id ha", "the actor has 80", "the thread has 8", "the text has 800"]
    );
}

/// Sizes that a hostile sender picks: time must stay linear, and memory in proportion.
#[test]
fn large_and_deep_bodies() {
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let long = "x".repeat(3 * 1_048_576);
    let bodies = [
        nested("[", "]"),
        nested("{\"a\":", "}"),
        "[".repeat(1_000_000),
        format!("{{\"alerts\":[{}]}}", "{},".repeat(30_000).trim_end_matches(',')),
        format!("{{\"alerts\":[{{}},{{}}],\"receiver\":\"{long}\"}}"),
        format!("[{}]", "1,".repeat(200_000).trim_end_matches(',')),
        format!("{{\"text\":\"{long}\"}}"),
        format!("{{\"title\":1e{}}}", "9".repeat(1_000)),
        format!("{{\"number\":{}}}", "9".repeat(100_000)),
        format!("{{{}\"a\":1}}", "\"a\":1,".repeat(200_000)),
        format!("{{\"object_kind\":\"{long}\"}}"),
        long.clone(),
    ];
    for body in &bodies {
        for format in FORMATS {
            let delivery = Delivery {
                headers: &(),
                body: body.as_bytes(),
                received_at: received_at(),
                mapping: &Mapping::default(),
            };
            let reading = read(format, &delivery);
            let kept: usize =
                reading.drafts.iter().map(|draft| draft.content.raw.as_ref().map_or(0, String::len)).sum();
            assert!(kept <= 5 * body.len() + 100_000, "{kept} bytes kept of {}", body.len());
            assert!(reading.drafts.len() <= intake::MAX_FACTS + 1);
            for draft in &reading.drafts {
                assert!(draft.content.text.len() <= Limits::TEXT);
                assert!(draft.content.raw.as_ref().is_none_or(|raw| raw.len() <= Limits::RAW));
            }
        }
    }
}
