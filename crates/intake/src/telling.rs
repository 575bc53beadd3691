//! A fact in the making, and what makes it fit into the log.

use fact::{Content, Kind, Limits, Span, Timestamp};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::time::{Told, absurdity};
use crate::{Code, Delivery, Diagnostic, Draft, Reading};

/// What a format's parser says about one fact; [`settle`] does the rest.
#[derive(Debug, Clone)]
pub struct Telling {
    pub kind: Kind,
    pub native_id: String,
    pub at: Told,
    pub text: String,
    pub actor: Option<String>,
    pub thread: Option<String>,
    pub span: Option<Span>,
    pub data: Map<String, Value>,
    pub raw: String,
    pub diagnostics: Vec<Diagnostic>,
}

impl Telling {
    /// A telling without anything optional.
    pub fn new(kind: Kind, native_id: String, at: Told, text: String) -> Self {
        Telling {
            kind,
            native_id,
            at,
            text,
            actor: None,
            thread: None,
            span: None,
            data: Map::new(),
            raw: String::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Notes something odd.
    pub fn note(&mut self, code: Code, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::new(code, message));
    }

    /// Puts a value into `data` unless it says nothing.
    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        let is_nothing = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => map.is_empty(),
            Value::Bool(_) | Value::Number(_) => false,
        };
        if !is_nothing {
            self.data.insert(name.into(), value);
        }
    }

    /// Puts a field of a payload into `data` under its own name, unless it says nothing.
    pub fn put_field(&mut self, from: &Value, name: &str) {
        if let Some(value) = from.get(name) {
            self.put(name, value.clone());
        }
    }
}

/// Where a text or a payload was cut.
const CUT: &str = "… [cut]";

/// Makes drafts of tellings: times that can be, lengths within the limits, no NUL characters.
pub fn settle(delivery: &Delivery<'_>, tellings: Vec<Telling>) -> Reading {
    let mut reading = Reading { drafts: Vec::with_capacity(tellings.len()), diagnostics: Vec::new() };
    for telling in tellings {
        let (draft, diagnostics) = settle_one(delivery, telling);
        reading.drafts.push(draft);
        reading.diagnostics.extend(diagnostics);
    }
    reading
}

/// Brings a content back within the limits after something in it was replaced by something longer.
pub fn fit(content: &mut Content) {
    let mut diagnostics = Vec::new();
    cut("text", &mut content.text, Limits::TEXT, &mut diagnostics);
    if let Some(raw) = &mut content.raw {
        cut("payload", raw, Limits::RAW, &mut diagnostics);
    }
    content.native_id = name("native id", std::mem::take(&mut content.native_id), &mut diagnostics);
    content.actor = content.actor.take().map(|actor| name("actor", actor, &mut diagnostics));
    content.thread = content.thread.take().map(|thread| name("thread", thread, &mut diagnostics));
    content.data = small(std::mem::take(&mut content.data), &mut diagnostics);
    say(&mut content.data, &diagnostics);
}

/// Says in a fact's data what is odd about it.
fn say(data: &mut Map<String, Value>, diagnostics: &[Diagnostic]) {
    if diagnostics.is_empty() {
        return;
    }
    let said = diagnostics.iter().map(|said| Value::from(said.message.clone()));
    match data.get_mut("diagnostics") {
        Some(Value::Array(before)) => before.extend(said),
        _ => _ = data.insert("diagnostics".into(), said.collect::<Vec<_>>().into()),
    }
}

fn settle_one(delivery: &Delivery<'_>, mut telling: Telling) -> (Draft, Vec<Diagnostic>) {
    let (occurred_at, zone) = occurred_at(delivery.received_at, &mut telling);
    let mut content = Content::new(String::new(), occurred_at, String::new());
    content.live = true;
    content.zone = zone;
    content.span = telling.span.take().map(|span| possible_span(span, delivery.received_at));
    let diagnostics = &mut telling.diagnostics;
    content.native_id = name("native id", telling.native_id, diagnostics);
    content.actor = telling.actor.map(|actor| name("actor", actor, diagnostics));
    content.thread = telling.thread.map(|thread| name("thread", thread, diagnostics));
    content.text = without_nul("text", telling.text, diagnostics);
    cut("text", &mut content.text, Limits::TEXT, diagnostics);
    let mut raw = telling.raw;
    let raw_bytes = raw.len();
    if cut("payload", &mut raw, Limits::RAW, diagnostics) {
        telling.data.insert("raw_bytes".into(), raw_bytes.into());
    }
    content.raw = (!raw.is_empty()).then_some(raw);
    content.data = small(telling.data, diagnostics);
    say(&mut content.data, diagnostics);
    (Draft { kind: telling.kind, content }, telling.diagnostics)
}

/// The time told, or that of receipt where none can be used.
fn occurred_at(received_at: Timestamp, telling: &mut Telling) -> (Timestamp, Option<String>) {
    let why = match std::mem::replace(&mut telling.at, Told::Missing) {
        Told::At(at, zone) => match absurdity(at, received_at) {
            None => return (at, zone),
            Some(why) => format!("the time it tells, {at}, {why}"),
        },
        Told::Missing => "it tells no time".to_owned(),
        Told::Unreadable(text) => format!("`{text}` is not a time"),
    };
    telling.note(Code::Time, format!("{why}; the time of receipt was used"));
    (received_at, None)
}

/// A span with ends that can be, the second not before the first.
fn possible_span(span: Span, received_at: Timestamp) -> Span {
    let possible = |at: Timestamp| absurdity(at, received_at).is_none().then_some(at);
    let end = span.end.map(|end| possible(end).unwrap_or(received_at));
    let begin = possible(span.begin).or(end).unwrap_or(received_at);
    Span { begin, end: end.map(|end| end.max(begin)) }
}

/// Replaces NUL characters, which neither databases nor terminals can be trusted with.
fn without_nul(what: &str, text: String, diagnostics: &mut Vec<Diagnostic>) -> String {
    if !text.contains('\0') {
        return text;
    }
    diagnostics.push(Diagnostic::new(Code::Replaced, format!("NUL characters in the {what} were replaced")));
    text.replace('\0', "\u{fffd}")
}

/// A name within its limit: what is too long keeps its beginning and becomes unique by a digest.
fn name(what: &str, text: String, diagnostics: &mut Vec<Diagnostic>) -> String {
    let text = without_nul(what, text, diagnostics);
    if text.len() <= Limits::NAME {
        return text;
    }
    diagnostics.push(Diagnostic::new(Code::Cut, format!("the {what} has {} bytes and was cut", text.len())));
    let digest = hex(&Sha256::digest(text.as_bytes())[..16]);
    format!("{}…{digest}", prefix(&text, Limits::NAME - 64))
}

/// Cuts a text to its limit, mark included.
fn cut(what: &str, text: &mut String, max: usize, diagnostics: &mut Vec<Diagnostic>) -> bool {
    if text.len() <= max {
        return false;
    }
    diagnostics.push(Diagnostic::new(
        Code::Cut,
        format!("the {what} has {} bytes, more than the {max} kept, and was cut", text.len()),
    ));
    let kept = prefix(text, max - CUT.len()).len();
    text.truncate(kept);
    text.push_str(CUT);
    true
}

/// The longest prefix of at most `max` bytes that ends between characters.
pub fn prefix(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Data within its limit, leaving room for diagnostics: the largest fields are left out, and said.
fn small(mut data: Map<String, Value>, diagnostics: &mut Vec<Diagnostic>) -> Map<String, Value> {
    if replace_nul_in(&mut data) > 0 {
        diagnostics.push(Diagnostic::new(Code::Replaced, "NUL characters in the data were replaced"));
    }
    let room = Limits::DATA - 16_384;
    let mut sizes: Vec<(usize, String)> =
        data.iter().map(|(name, value)| (name.len() + value.to_string().len() + 4, name.clone())).collect();
    let mut total = sizes.iter().map(|(size, _)| size).sum::<usize>();
    sizes.sort();
    while total > room
        && let Some((size, largest)) = sizes.pop()
    {
        data.remove(&largest);
        total -= size;
        let named = prefix(&largest, 64);
        diagnostics.push(Diagnostic::new(
            Code::Cut,
            format!("`{named}` has {size} bytes and is only in the payload, not in the data"),
        ));
    }
    data
}

/// Replaces NUL characters in texts and names, and says how many of those had any.
fn replace_nul(value: &mut Value) -> usize {
    match value {
        Value::String(text) if text.contains('\0') => {
            *text = text.replace('\0', "\u{fffd}");
            1
        }
        Value::Array(items) => items.iter_mut().map(replace_nul).sum(),
        Value::Object(map) => replace_nul_in(map),
        _ => 0,
    }
}

fn replace_nul_in(map: &mut Map<String, Value>) -> usize {
    let in_names = map.keys().filter(|name| name.contains('\0')).count();
    if in_names > 0 {
        let renamed = std::mem::take(map).into_iter();
        *map = renamed.map(|(name, item)| (name.replace('\0', "\u{fffd}"), item)).collect();
    }
    in_names + map.values_mut().map(replace_nul).sum::<usize>()
}

/// A native id for a delivery that has none: the same for the same bytes at the same time of receipt.
pub fn unique(delivery: &Delivery<'_>) -> String {
    let digest = Sha256::new()
        .chain_update(delivery.received_at.micros().to_be_bytes())
        .chain_update(delivery.body)
        .finalize();
    format!("delivery/{}", hex(&digest[..16]))
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
