//! The events of docs/formats/events.md: what was written once is read for ever.
#![expect(clippy::unwrap_used, reason = "an absent value fails the test")]

use std::collections::BTreeSet;

use incident::Recorded;
use serde_json::{Value, json};

const DOCUMENT: &str = include_str!("../../../../docs/formats/events.md");

fn examples() -> impl Iterator<Item = &'static str> {
    DOCUMENT.lines().filter(|line| line.starts_with(r#"{"by""#))
}

/// The name of an event: its tag, or all of it.
fn name(event: &Value) -> String {
    match &event["what"] {
        Value::String(name) => name.clone(),
        what => what.as_object().unwrap().keys().next().unwrap().clone(),
    }
}

#[test]
fn every_example_is_read_and_written_back_as_it_is() {
    for line in examples() {
        let read: Recorded = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(serde_json::to_string(&read).unwrap(), line);
        assert_eq!(Recorded::read(&serde_json::from_str(line).unwrap()), Ok(read), "read from a value");
    }
}

#[test]
fn every_event_has_an_example() {
    let found: BTreeSet<String> = examples().map(|line| name(&serde_json::from_str(line).unwrap())).collect();
    // The list of all that are known is what a wrong one is answered with.
    let wrong = json!({"by": "00000000-0000-0000-0000-000000000001", "what": "?"});
    let refused = serde_json::from_value::<Recorded>(wrong).unwrap_err().to_string();
    let known: BTreeSet<String> = refused.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert!(known.len() > 30, "{refused}");
    assert_eq!(found, known);
}
