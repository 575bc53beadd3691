//! Blanks the texts of an event: what a redaction leaves of a state fact.

use fact::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// What stands where a text was.
const BLANK: &str = "(redacted)";

/// Fields that hold a word of a fixed set, never a person's words.
const WORDS: [&str; 4] = ["because", "kind", "outcome", "role"];

/// The same event with every text in it replaced; ids, times, numbers and the structure stay, so
/// that folding it leads to the same state but for the texts.
pub fn blank(event: &Value) -> Value {
    match event {
        // An event without fields is its name.
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let bare = key == "what" || WORDS.contains(&key.as_str());
                let kept = bare && value.as_str().is_some_and(is_word);
                (key.clone(), if kept { value.clone() } else { blank(value) })
            })
            .collect(),
        Value::Array(items) => items.iter().map(blank).collect(),
        Value::String(text) if is_id(text) || is_time(text) => event.clone(),
        Value::String(_) => Value::String(BLANK.into()),
        other => other.clone(),
    }
}

fn is_word(text: &str) -> bool {
    text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

/// Exactly as an event's times are written: a person's text is hardly ever that.
fn is_time(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok_and(|at| at.to_string() == text)
}
