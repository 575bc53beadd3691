//! The body as JSON, and short ways to its fields.

use serde_json::Value;

use crate::{Code, Delivery, Diagnostic};

/// A body that was read as JSON.
pub struct Body<'a> {
    /// As text, as it came.
    pub text: &'a str,
    /// As JSON.
    pub value: Value,
}

/// Reads the body; nesting is limited by the parser (128 levels), so no input overflows the stack.
pub fn body<'a>(delivery: &Delivery<'a>) -> Result<Body<'a>, Diagnostic> {
    if delivery.body.trim_ascii().is_empty() {
        return Err(Diagnostic::new(Code::Empty, "the delivery has no body"));
    }
    let text = std::str::from_utf8(delivery.body).map_err(|error| {
        let at = error.valid_up_to();
        Diagnostic::new(Code::Unreadable, format!("the body is not UTF-8: byte {at} begins no character"))
    })?;
    let unmarked = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value = serde_json::from_str(unmarked)
        .map_err(|error| Diagnostic::new(Code::Unreadable, format!("the body is not JSON: {error}")))?;
    Ok(Body { text, value })
}

/// The text at a field, if it is text and not blank.
pub fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str().filter(|text| !text.trim().is_empty())
}

/// A text on one line, at most `max` characters: runs of white space are one space.
pub fn one_line(text: &str, max: usize) -> String {
    let mut line = String::new();
    let (mut count, mut words) = (0, text.split_whitespace());
    for word in words.by_ref() {
        if count > 0 {
            line.push(' ');
            count += 1;
        }
        for letter in word.chars() {
            if count >= max {
                line.push('…');
                return line;
            }
            line.push(letter);
            count += 1;
        }
    }
    line
}
