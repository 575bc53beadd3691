//! Stories as text: `15:00:00 kind text [thread=T] [begin..end] [{data}]`, one fact a line.
#![expect(clippy::unwrap_used, reason = "stories are written by hand in tests")]

use fact::{Content, EntityId, FactId, Kind, NewFact, PersonId, SourceId, Span, StoredFact, Timestamp};
use incident::{Incident, State, StateFact};
use serde_json::json;

pub const SOURCE: SourceId = SourceId::OWN;

pub fn at(time: &str) -> Timestamp {
    format!("2026-02-20T{time}Z").parse().unwrap()
}

pub fn id(n: usize) -> FactId {
    FactId::from_bytes((n as u128).to_be_bytes())
}

/// An incident that began at 15:00, declared by the first person.
pub fn incident() -> Incident {
    let mut state = State::default();
    let entity = EntityId(id(900).0);
    let event = json!({"by": PersonId(id(901).0), "what": {"declared":
        {"number": 1, "title": "Checkout down", "severity": 2, "started_at": at("15:00:00")}}});
    state.apply(&StateFact {
        position: 1,
        recorded_at: at("15:05:00"),
        id: id(900),
        entity,
        version: 1,
        occurred_at: at("15:05:00"),
        event,
    });
    state.incidents.remove(&entity).unwrap()
}

/// The facts of a story, ids and positions by line.
pub fn story(text: &str) -> Vec<StoredFact> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .enumerate()
        .map(|(n, line)| fact(n + 1, line))
        .collect()
}

fn fact(n: usize, line: &str) -> StoredFact {
    let (time, rest) = line.split_once(' ').unwrap();
    let (kind, rest) = rest.trim_start().split_once(' ').unwrap_or((rest.trim(), ""));
    let (rest, data) = match rest.split_once('{') {
        Some((rest, data)) => (rest, serde_json::from_str(&format!("{{{data}")).unwrap()),
        None => (rest, json!({})),
    };
    let mut content = Content::new(n.to_string(), at(time), "");
    content.data = data.as_object().unwrap().clone();
    content.live = true;
    let mut words = Vec::new();
    for word in rest.split_whitespace() {
        if let Some(thread) = word.strip_prefix("thread=") {
            content.thread = Some(thread.into());
        } else if let Some(actor) = word.strip_prefix("by=") {
            content.actor = Some(actor.into());
        } else if let Some((begin, end)) = word.split_once("..").filter(|(begin, _)| begin.len() == 8) {
            let end = (!end.is_empty()).then(|| at(end));
            content.span = Some(Span { begin: at(begin), end });
        } else {
            words.push(word);
        }
    }
    content.text = words.join(" ");
    let kind: Kind = kind.parse().unwrap();
    let fact = NewFact { id: id(n), source: SOURCE, kind, content };
    StoredFact { position: n as u64, recorded_at: at(time), fact }
}
