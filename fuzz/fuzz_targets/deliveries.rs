//! Webhooks: the first byte picks the format, the second the mapping and headers, the rest is the body.
#![no_main]

use std::collections::BTreeMap;

use fact::{FactId, Limits, NewFact, SourceId, Timestamp};
use intake::{Delivery, Format, Mapping, read, secrets};
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 5] =
    [Format::Alertmanager, Format::Grafana, Format::Github, Format::Gitlab, Format::Json];
const EVENTS: [&str; 8] =
    ["push", "deployment", "deployment_status", "workflow_run", "issues", "pull_request", "release", "other"];

fuzz_target!(|input: &[u8]| {
    let [format, variant, body @ ..] = input else { return };
    let format = FORMATS[usize::from(*format) % FORMATS.len()];
    let path = |name: &str| Some(name.to_owned());
    let mapping = match variant % 4 {
        0 => Mapping::default(),
        1 => Mapping {
            each: path("a"),
            time: path("t"),
            status: path("s"),
            native_id: path("i"),
            ..Mapping::default()
        },
        2 => Mapping { each: path("/a/0"), text: path("/x~1y"), kind: path("alert"), ..Mapping::default() },
        _ => Mapping { thread: path("a.b"), actor: path("a"), text: path("."), ..Mapping::default() },
    };
    let mut headers = BTreeMap::new();
    if variant & 4 != 0 {
        let event = EVENTS[usize::from(*variant >> 5)];
        headers.insert("x-github-event".to_owned(), event.to_owned());
        headers.insert("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    }
    let received_at = Timestamp::from_secs(1_771_600_200);
    let delivery = Delivery { headers: &headers, body, received_at, mapping: &mapping };
    let reading = read(format, &delivery);
    assert!(!reading.drafts.is_empty());
    assert_eq!(reading, read(format, &delivery));
    for draft in reading.drafts {
        let id = FactId::from_bytes([1; 16]);
        let mut fact = NewFact { id, source: SourceId::OWN, kind: draft.kind, content: draft.content };
        Limits::check(&fact).expect("a draft is within the limits");
        secrets::remove(&mut fact.content);
        Limits::check(&fact).expect("it still is without its secrets");
    }
});
