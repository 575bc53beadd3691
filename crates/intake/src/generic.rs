//! Any JSON, by configured field paths; without them by the usual names of fields.

use fact::{Kind, Span};
use serde_json::{Map, Value};

use crate::json::{Body, one_line};
use crate::telling::{Telling, prefix, unique};
use crate::time::Told;
use crate::{Code, Delivery, Diagnostic, MAX_FACTS, Mapping, guess, path, split, unknown};

/// Words for the beginning of something that lasts.
const BEGIN: [&str; 20] = [
    "firing",
    "triggered",
    "trigger",
    "open",
    "opened",
    "active",
    "alerting",
    "alert",
    "down",
    "failing",
    "critical",
    "problem",
    "started",
    "start",
    "begin",
    "in_progress",
    "unhealthy",
    "error",
    "warning",
    "fail",
];
/// Words for its end.
const END: [&str; 16] = [
    "resolved",
    "resolve",
    "closed",
    "close",
    "ok",
    "up",
    "recovered",
    "recovery",
    "cleared",
    "inactive",
    "normal",
    "done",
    "finished",
    "completed",
    "end",
    "healthy",
];

/// Reads a delivery: one fact, or one for every element of the mapping's `each`, or of a payload
/// that is an array.
pub fn read(delivery: &Delivery<'_>, body: &Body<'_>) -> Result<Vec<Telling>, Diagnostic> {
    let each = match &delivery.mapping.each {
        Some(each) => Some(path::steps(each)),
        None => body.value.is_array().then(Vec::new),
    };
    let Some(each) = each else {
        return Ok(vec![one(delivery, body, &body.value, &body.text, None)]);
    };
    let items = path::at(&body.value, delivery.mapping.each.as_deref().unwrap_or_default());
    let items = items.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let written = split::elements(&body.text, &each).unwrap_or_default();
    if items.is_empty() || written.len() != items.len() {
        let mut whole = one(delivery, body, &body.value, &body.text, None);
        let each = delivery.mapping.each.as_deref().unwrap_or("the payload");
        whole.note(Code::UnknownShape, format!("`{}` is not an array with elements", prefix(each, 200)));
        return Ok(vec![whole]);
    }
    let mut tellings = Vec::with_capacity(items.len().min(MAX_FACTS));
    for (index, (item, range)) in items.iter().zip(written).enumerate().take(MAX_FACTS) {
        tellings.push(one(delivery, body, item, &body.text[range], Some(index)));
    }
    if items.len() > MAX_FACTS {
        let message = format!("the delivery has {} elements; the first {MAX_FACTS} were read", items.len());
        tellings.push(unknown::one(delivery, Diagnostic::new(Code::Cut, message)));
    }
    Ok(tellings)
}

/// One element, with the whole payload for what it lacks.
struct Reader<'a> {
    item: &'a Value,
    whole: &'a Value,
    guessed: Map<String, Value>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    /// What lies at a configured path; a path that leads nowhere is said.
    fn mapped(&mut self, what: &str, path: Option<&String>) -> Option<&'a Value> {
        let path = path?;
        let found = path::at(self.item, path).or_else(|| path::at(self.whole, path));
        let found = found.filter(|value| !value.is_null());
        if found.is_none() {
            let message = format!("there is nothing at `{}`, the path for {what}", prefix(path, 200));
            self.diagnostics.push(Diagnostic::new(Code::UnknownShape, message));
        }
        found
    }

    fn mapped_text(&mut self, what: &str, path: Option<&String>) -> Option<String> {
        self.mapped(what, path).map(as_text).filter(|text| !text.trim().is_empty())
    }

    /// Notes where something was found by its name.
    fn guess<T>(&mut self, what: &str, found: Option<guess::Found<T>>) -> Option<T> {
        let (value, pointer) = found?;
        self.guessed.insert(what.into(), pointer.into());
        Some(value)
    }
}

fn one(delivery: &Delivery<'_>, body: &Body<'_>, item: &Value, raw: &str, index: Option<usize>) -> Telling {
    let mapping = delivery.mapping;
    let mut reader = Reader { item, whole: &body.value, guessed: Map::new(), diagnostics: Vec::new() };
    let status = reader.mapped_text("status", mapping.status.as_ref());
    let at = time(&mut reader, delivery);
    let text = text(&mut reader, mapping);
    let actor = match &mapping.actor {
        Some(path) => reader
            .mapped("actor", Some(path))
            .map(|value| guess::person(value).map_or_else(|| as_text(value), str::to_owned)),
        None => reader.guess("actor", guess::actor(item)).map(str::to_owned),
    };
    let own_id = reader.mapped_text("native_id", mapping.native_id.as_ref());
    let thread = reader.mapped_text("thread", mapping.thread.as_ref());
    let kind = kind(&mut reader, mapping);

    let native_id = native_id(delivery, own_id.as_deref(), status.as_deref(), &at, index);
    let mut telling = Telling::new(kind, native_id, at, text);
    telling.actor = actor;
    // Without a thread of its own, what has a status belongs together by the sender's id for it.
    telling.thread = thread.or_else(|| own_id.filter(|_| status.is_some()));
    telling.span = status.as_deref().and_then(|status| span(status, &telling.at));
    telling.put("status", status.unwrap_or_default());
    telling.put("fields", fields(item));
    telling.put("guessed", std::mem::take(&mut reader.guessed));
    telling.raw = raw.to_owned();
    telling.diagnostics = reader.diagnostics;
    telling
}

fn time(reader: &mut Reader<'_>, delivery: &Delivery<'_>) -> Told {
    if let Some(path) = &delivery.mapping.time {
        return Told::read(reader.mapped("time", Some(path)));
    }
    let found = guess::time(reader.item, delivery.received_at);
    reader.guess("time", found).unwrap_or(Told::Missing)
}

fn text(reader: &mut Reader<'_>, mapping: &Mapping) -> String {
    if let Some(text) = reader.mapped_text("text", mapping.text.as_ref()) {
        return text;
    }
    if let Value::String(text) = reader.item {
        return text.clone();
    }
    let event = reader.guess("event", guess::event(reader.item));
    let text = reader.guess("text", guess::text(reader.item));
    match (text, event) {
        (Some(text), Some(event)) if !text.contains(event) => format!("{text} ({event})"),
        (Some(text), _) => text.to_owned(),
        (None, Some(event)) => event.to_owned(),
        (None, None) => one_line(&reader.item.to_string(), 300),
    }
}

fn kind(reader: &mut Reader<'_>, mapping: &Mapping) -> Kind {
    let default = if mapping.status.is_some() { Kind::ALERT } else { Kind::EVENT };
    let Some(name) = &mapping.kind else { return default };
    match name.parse() {
        Ok(kind) => kind,
        Err(error) => {
            reader.diagnostics.push(Diagnostic::new(Code::Guessed, format!("{error}; {default} was used")));
            default
        }
    }
}

/// The sender's id, else the delivery's. What changes its status is told several times under one id,
/// so there the time and the status belong to it.
fn native_id(
    delivery: &Delivery<'_>,
    own: Option<&str>,
    status: Option<&str>,
    at: &Told,
    index: Option<usize>,
) -> String {
    if let Some(own) = own {
        return match (status, at.at()) {
            (None, _) => own.to_owned(),
            (Some(status), Some(at)) => format!("{own}/{at}/{}", prefix(status, 64)),
            (Some(status), None) => format!("{own}/{}/{}", unique(delivery), prefix(status, 64)),
        };
    }
    let key = delivery.headers.get("idempotency-key").map(str::trim).filter(|key| !key.is_empty());
    let key = key.map_or_else(|| unique(delivery), str::to_owned);
    index.map_or_else(|| key.clone(), |index| format!("{key}/{index}"))
}

fn span(status: &str, at: &Told) -> Option<Span> {
    let begin = at.at()?;
    let word = status.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    if BEGIN.contains(&word.as_str()) {
        Some(Span { begin, end: None })
    } else {
        // When it began isn't told; an ended span that begins later ends the thread's open one.
        END.contains(&word.as_str()).then_some(Span { begin, end: Some(begin) })
    }
}

/// The short plain fields, for reading at a glance; the whole is in the payload.
fn fields(item: &Value) -> Map<String, Value> {
    let is_short = |value: &Value| match value {
        Value::String(text) => !text.is_empty() && text.len() <= 500,
        Value::Number(_) | Value::Bool(_) => true,
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    };
    let fields = item.as_object().into_iter().flatten();
    let short = fields.filter(|(name, value)| name.len() <= 100 && is_short(value));
    short.take(50).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::{Draft, Format, Headers, Reading};

    use super::*;

    fn read_json(body: &str, mapping: &Mapping, headers: &dyn Headers) -> Reading {
        let received_at = "2026-02-20T15:10:00Z".parse().unwrap();
        crate::read(Format::Json, &Delivery { headers, body: body.as_bytes(), received_at, mapping })
    }

    fn mapping(json: &str) -> Mapping {
        serde_json::from_str(json).unwrap()
    }

    fn line(draft: &Draft) -> String {
        let content = &draft.content;
        let or = |text: &Option<String>| text.clone().unwrap_or("-".into());
        format!(
            "{} {} {} [{}] {} {}",
            content.occurred_at,
            draft.kind,
            content.text,
            content.native_id,
            or(&content.actor),
            or(&content.thread)
        )
    }

    const NAGIOS: &str = r#"{"host":"db1","checks":[
        {"id":"c1","state":"CRITICAL","out":"disk 99 %","t":1771599000,"who":{"login":"ada"}},
        {"id":"c2","state":"ok","out":"load 0.1","t":1771599001500}]}"#;

    #[test]
    fn follows_a_mapping() {
        let mapping = mapping(
            r#"{"each":"checks","time":"t","text":"/out","actor":"who","native_id":"id","status":"state"}"#,
        );
        let reading = read_json(NAGIOS, &mapping, &());
        let lines: Vec<_> = reading.drafts.iter().map(line).collect();
        assert_eq!(
            lines,
            [
                "2026-02-20T14:50:00.000000Z alert disk 99 % [c1/2026-02-20T14:50:00.000000Z/CRITICAL] ada c1",
                "2026-02-20T14:50:01.500000Z alert load 0.1 [c2/2026-02-20T14:50:01.500000Z/ok] - c2",
            ]
        );
        let spans: Vec<_> = reading.drafts.iter().map(|draft| draft.content.span.unwrap().end).collect();
        assert_eq!((spans[0], spans[1].is_some()), (None, true));
        let said: Vec<_> = reading.diagnostics.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["there is nothing at `who`, the path for actor"]);
        assert_eq!(
            reading.drafts[1].content.raw.as_deref(),
            Some(r#"{"id":"c2","state":"ok","out":"load 0.1","t":1771599001500}"#)
        );
    }

    #[test]
    fn falls_back_to_the_whole_payload_and_says_what_is_missing() {
        let mapping = mapping(r#"{"each":"/checks","text":"host","kind":"Bad Kind","time":"nowhere"}"#);
        let reading = read_json(NAGIOS, &mapping, &());
        assert_eq!(reading.drafts[0].content.text, "db1");
        let said: Vec<_> = reading.diagnostics.iter().take(3).map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "there is nothing at `nowhere`, the path for time",
                "`Bad Kind` is not a kind: expected 1 to 32 of a-z, 0-9 and -, a letter first; event was used",
                "it tells no time; the time of receipt was used",
            ]
        );
    }

    #[test]
    fn a_missing_array_is_said() {
        let reading = read_json(r#"{"title":"x"}"#, &mapping(r#"{"each":"checks"}"#), &());
        assert_eq!(reading.drafts.len(), 1);
        assert_eq!(reading.diagnostics[0].message, "`checks` is not an array with elements");
    }

    #[test]
    fn an_idempotency_key_is_the_native_id() {
        let headers = BTreeMap::from([("Idempotency-Key".to_owned(), "k-1".to_owned())]);
        let ids = |body: &str| {
            let reading = read_json(body, &Mapping::default(), &headers);
            reading.drafts.into_iter().map(|draft| draft.content.native_id).collect::<Vec<_>>()
        };
        assert_eq!(ids(r#"{"a":1}"#), ["k-1"]);
        assert_eq!(ids(r#"[{"a":1},{"a":1}]"#), ["k-1/0", "k-1/1"]);
    }

    #[test]
    fn without_a_key_each_delivery_is_a_fact() {
        let at = |received_at: &str| {
            let mapping = Mapping::default();
            let received_at = received_at.parse().unwrap();
            let delivery = Delivery { headers: &(), body: b"{}", received_at, mapping: &mapping };
            crate::read(Format::Json, &delivery).drafts[0].content.native_id.clone()
        };
        assert_eq!(at("2026-02-20T15:10:00Z"), at("2026-02-20T15:10:00Z"));
        assert_ne!(at("2026-02-20T15:10:00Z"), at("2026-02-20T15:10:00.000001Z"));
    }

    #[test]
    fn guesses_by_names() {
        let check = |body: &str, expected: &str| {
            assert_eq!(
                line(&read_json(body, &Mapping::default(), &()).drafts[0]).split(" [").next(),
                Some(expected)
            );
        };
        check(
            r#"{"type":"backup","message":"backup of db1 done","timestamp":"2026-02-20T14:00:00Z"}"#,
            "2026-02-20T14:00:00.000000Z event backup of db1 done",
        );
        check(
            r#"{"event":"deploy","data":{"title":"api 1.2","ts":1771599000}}"#,
            "2026-02-20T14:50:00.000000Z event api 1.2 (deploy)",
        );
        check(r#""just a line""#, "2026-02-20T15:10:00.000000Z event just a line");
        check(r#"{"a":[1,2]}"#, r#"2026-02-20T15:10:00.000000Z event {"a":[1,2]}"#);
    }
}
