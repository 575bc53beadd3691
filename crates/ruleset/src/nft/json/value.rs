//! Values of nft's JSON, as words.

use serde_json::Value;

use crate::nft::compare::Right;

/// A text or number as a word; empty if it is neither.
pub(super) fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(true)) => "exists".to_owned(),
        Some(Value::Bool(false)) => "missing".to_owned(),
        _ => String::new(),
    }
}

/// A number.
pub(super) fn number(value: Option<&Value>) -> Option<u64> {
    value?.as_u64()
}

/// One word or several.
pub(super) fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list.iter().map(|one| text(Some(one))).collect(),
        one => vec![text(one)],
    }
}

/// A value as one word: a network as `a/8`, a range as `a-b`. `None`: something else.
pub(super) fn word(value: &Value) -> Option<String> {
    match value {
        Value::Object(object) => {
            if let Some(prefix) = object.get("prefix") {
                return Some(format!("{}/{}", text(prefix.get("addr")), text(prefix.get("len"))));
            }
            if let Some(Value::Array(range)) = object.get("range") {
                return Some(format!("{}-{}", text(range.first()), text(range.get(1))));
            }
            word(object.get("elem")?.get("val")?)
        }
        Value::Array(_) | Value::Null => None,
        one => Some(text(Some(one))),
    }
}

/// The right side of a match.
pub(super) fn right(value: &Value) -> Option<Right> {
    match value {
        Value::String(name) if name.starts_with('@') => Some(Right::Named(name[1..].to_owned())),
        Value::Array(_) => Some(Right::Flags(words(Some(value)))),
        Value::Object(object) => {
            if let Some(set) = object.get("set") {
                let list = match set {
                    Value::Array(list) => list.iter().map(word).collect::<Option<Vec<_>>>()?,
                    one => vec![word(one)?],
                };
                return Some(Right::Set(list));
            }
            if let Some(Value::Array(bits)) = object.get("|") {
                return Some(Right::Flags(flattened(bits)?));
            }
            word(value).map(Right::One)
        }
        _ => word(value).map(Right::One),
    }
}

/// Bits that are or-ed, however deep.
pub(super) fn flattened(list: &[Value]) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for one in list {
        match one {
            Value::Object(object) => match object.get("|") {
                Some(Value::Array(more)) => found.extend(flattened(more)?),
                _ => return None,
            },
            Value::Array(more) => found.extend(flattened(more)?),
            one => found.push(word(one)?),
        }
    }
    Some(found)
}

/// An element: its parts, and what a map gives for it.
pub(super) fn element(value: &Value, is_map: bool) -> (Vec<String>, Option<String>) {
    match value {
        Value::Array(pair) if is_map && pair.len() == 2 => (parts(&pair[0]), Some(verdict(&pair[1]))),
        one => (parts(one), None),
    }
}

fn parts(value: &Value) -> Vec<String> {
    let value = value.get("elem").and_then(|element| element.get("val")).unwrap_or(value);
    match value.get("concat") {
        Some(Value::Array(list)) => list.iter().map(|one| word(one).unwrap_or_default()).collect(),
        _ => vec![word(value).unwrap_or_default()],
    }
}

/// `{"jump": {"target": "x"}}` as `jump x`; anything else as a word.
fn verdict(value: &Value) -> String {
    match value {
        Value::Object(object) if object.len() == 1 => match object.iter().next() {
            Some((word, Value::Null)) => word.clone(),
            Some((word, body)) if body.get("target").is_some() => {
                format!("{word} {}", text(body.get("target")))
            }
            _ => word(value).unwrap_or_else(|| value.to_string()),
        },
        one => word(one).unwrap_or_else(|| one.to_string()),
    }
}
