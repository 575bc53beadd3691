//! Which fields of an unknown payload say what happened, when and who: by their names.

use serde_json::Value;

use crate::time::{Told, absurdity};

/// How deep objects are searched; arrays are not.
const DEPTH: usize = 3;

/// Names of fields with the matter, the most telling first.
const TEXT: [&str; 12] = [
    "text",
    "title",
    "message",
    "summary",
    "subject",
    "headline",
    "description",
    "name",
    "body",
    "reason",
    "content",
    "details",
];
/// Names of fields with the time of what happened, before those with the time of its writing.
const TIME: [&str; 22] = [
    "occurred_at",
    "occurredAt",
    "timestamp",
    "@timestamp",
    "time",
    "event_time",
    "eventTime",
    "datetime",
    "date",
    "at",
    "updated_at",
    "updatedAt",
    "lastSeen",
    "last_seen",
    "created_at",
    "createdAt",
    "generated_at",
    "published_at",
    "event_ts",
    "started_at",
    "startsAt",
    "ts",
];
const ACTOR: [&str; 11] =
    ["actor", "user", "username", "user_name", "agent", "author", "sender", "creator", "by", "who", "owner"];
/// Names of fields with the sort of event.
const EVENT: [&str; 6] = ["event_type", "eventType", "event", "action", "type", "status"];
/// What names a person inside an object.
const PERSON: [&str; 6] = ["login", "username", "name", "display_name", "summary", "email"];

/// A finding: the value, and where it stood, as an RFC 6901 pointer.
pub type Found<T> = (T, String);

/// What happened.
pub fn text(value: &Value) -> Option<Found<&str>> {
    first(value, &TEXT, |value| value.as_str().filter(|text| !text.trim().is_empty()))
}

/// The sort of event: a short word without spaces.
pub fn event(value: &Value) -> Option<Found<&str>> {
    let is_word = |text: &&str| !text.is_empty() && text.len() <= 64 && !text.contains(char::is_whitespace);
    first(value, &EVENT, |value| value.as_str().filter(is_word))
}

/// When; only a time that can be.
pub fn time(value: &Value, received_at: fact::Timestamp) -> Option<Found<Told>> {
    first(value, &TIME, |value| {
        let told = Told::read(Some(value));
        told.at().is_some_and(|at| absurdity(at, received_at).is_none()).then_some(told)
    })
}

/// Who.
pub fn actor(value: &Value) -> Option<Found<&str>> {
    first(value, &ACTOR, person)
}

/// A person's handle: a text, or an object that names one.
pub fn person(value: &Value) -> Option<&str> {
    let named = || PERSON.iter().find_map(|name| value.get(name).and_then(Value::as_str));
    value.as_str().or_else(named).filter(|text| !text.trim().is_empty() && text.len() <= 256)
}

/// The first field by the order of names, then the least deep, that `take` takes.
fn first<'a, T>(value: &'a Value, names: &[&str], take: impl Fn(&'a Value) -> Option<T>) -> Option<Found<T>> {
    let mut levels: Vec<Vec<(&'a Value, String)>> = vec![vec![(value, String::new())]];
    for depth in 0..DEPTH {
        let next = levels[depth].iter().flat_map(|(value, at)| inner(value, at)).collect();
        levels.push(next);
    }
    names.iter().find_map(|name| {
        levels.iter().flatten().find_map(|(value, at)| {
            value.get(name).and_then(&take).map(|taken| (taken, format!("{at}/{name}")))
        })
    })
}

/// The objects in an object, with where they stand; a limited number, so that time stays linear.
fn inner<'a>(value: &'a Value, at: &str) -> Vec<(&'a Value, String)> {
    let fields = value.as_object().into_iter().flatten().filter(|(_, value)| value.is_object());
    fields
        .take(64)
        .map(|(name, value)| (value, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))))
        .collect()
}
