//! The body as JSON, and short ways to its fields.

use std::borrow::Cow;

use serde_json::Value;

use crate::{Code, Delivery, Diagnostic};

/// A body that was read as JSON.
pub struct Body<'a> {
    /// As text, as it came; of a form the JSON in its field `payload`.
    pub text: Cow<'a, str>,
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
    let text = in_form(delivery, text).map_or(Cow::Borrowed(text), Cow::Owned);
    let unmarked = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let value = serde_json::from_str(unmarked)
        .map_err(|error| Diagnostic::new(Code::Unreadable, format!("the body is not JSON: {error}")))?;
    Ok(Body { text, value })
}

/// The field `payload` of a form, in which GitHub sends its JSON when asked to.
fn in_form(delivery: &Delivery<'_>, body: &str) -> Option<String> {
    let content_type = delivery.headers.get("content-type")?;
    let is_form = content_type.trim().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded");
    let encoded = body.split('&').find_map(|field| field.trim().strip_prefix("payload="))?;
    is_form.then(|| decoded(encoded)).flatten()
}

/// Percent-decoding; `None` unless it gives UTF-8.
fn decoded(encoded: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(encoded.len()), encoded.as_bytes());
    while let [first, more @ ..] = rest {
        rest = more;
        let hex = |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (first, more) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => {
                bytes.push(hex(high)? << 4 | hex(low)?);
                rest = after;
            }
            (other, _) => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok()
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
