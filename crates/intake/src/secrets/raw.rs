//! Secrets in a payload, without breaking it: every string of a JSON text is looked at by itself.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::patterns::{is_suspect, mark, remove_from_text, secret_by_key};

/// The payload without secrets, and how many there were; JSON stays JSON, and what holds no secret
/// keeps its bytes.
pub fn remove(raw: &str) -> (Cow<'_, str>, usize) {
    // Letters and slashes may be written as escapes, in keys and in values.
    if !is_suspect(raw) && !raw.contains("\\u00") && !raw.contains("\\/") {
        return (Cow::Borrowed(raw), 0);
    }
    let unmarked = raw.trim_start_matches('\u{feff}');
    if serde_json::from_str::<IgnoredAny>(unmarked).is_err() {
        return remove_from_text(raw);
    }
    let (mut cleaned, mut count) = (String::with_capacity(raw.len()), 0);
    let mut keys = Keys::default();
    for token in tokens(raw) {
        match keys.cleaned(token) {
            Some((new, found)) => {
                cleaned.push_str(&new);
                count += found;
            }
            None => cleaned.push_str(token.text),
        }
    }
    (Cow::Owned(cleaned), count)
}

/// Under which key the next value stands.
#[derive(Default)]
struct Keys {
    /// The key of the object's field, of every object that is open; of an array that of its field.
    open: Vec<String>,
    current: String,
}

impl Keys {
    /// A token without its secrets; `None` when it has none.
    fn cleaned(&mut self, token: Token<'_>) -> Option<(String, usize)> {
        match token.kind {
            TokenKind::Key => self.current = decoded(token.text).into_owned(),
            TokenKind::String => {
                let text = decoded(token.text);
                if let Some(kind) = secret_by_key(&self.current, &text) {
                    return Some((quoted(&mark(kind)), 1));
                }
                let (cleaned, count) = remove_from_text(&text);
                return (count > 0).then(|| (quoted(&cleaned), count));
            }
            TokenKind::Scalar => {
                let is_number = token.text.starts_with(|first: char| first.is_ascii_digit() || first == '-');
                let kind = secret_by_key(&self.current, token.text).filter(|_| is_number)?;
                return Some((quoted(&mark(kind)), 1));
            }
            TokenKind::Open => {
                self.open.push(self.current.clone());
                let is_array = token.text == "[";
                let of_each = self.current.strip_suffix('s').unwrap_or(&self.current);
                self.current = if is_array { of_each.to_owned() } else { String::new() };
            }
            TokenKind::Close => self.current = self.open.pop().unwrap_or_default(),
            TokenKind::Between => {}
        }
        None
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn decoded(token: &str) -> Cow<'_, str> {
    if token.contains('\\') {
        Cow::Owned(serde_json::from_str(token).unwrap_or_default())
    } else {
        Cow::Borrowed(&token[1..token.len() - 1])
    }
}

#[derive(Clone, Copy)]
struct Token<'a> {
    kind: TokenKind,
    text: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    Key,
    String,
    Scalar,
    Open,
    Close,
    Between,
}

/// The tokens of a JSON text that a parser has accepted; joined they are the text again.
fn tokens(json: &str) -> impl Iterator<Item = Token<'_>> {
    let bytes = json.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let kind = match bytes.get(at)? {
            b'"' => {
                at = string_end(bytes, at);
                let next = bytes[at..].iter().find(|byte| !byte.is_ascii_whitespace());
                if next == Some(&b':') { TokenKind::Key } else { TokenKind::String }
            }
            b'{' | b'[' => {
                at += 1;
                TokenKind::Open
            }
            b'}' | b']' => {
                at += 1;
                TokenKind::Close
            }
            first if first.is_ascii_alphanumeric() || *first == b'-' => {
                at = until(bytes, at, |byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
                TokenKind::Scalar
            }
            // White space, commas, colons and a byte order mark.
            _ => {
                at = until(bytes, at, |byte| !b"\"{}[]-".contains(&byte) && !byte.is_ascii_alphanumeric());
                TokenKind::Between
            }
        };
        Some(Token { kind, text: &json[start..at] })
    })
}

fn until(bytes: &[u8], at: usize, is_part: impl Fn(u8) -> bool) -> usize {
    bytes[at..].iter().position(|byte| !is_part(*byte)).map_or(bytes.len(), |len| at + len)
}

/// Behind the string that begins at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b'"' => return at + 1,
            b'\\' => 2,
            _ => 1,
        };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: &str) {
        assert_eq!(remove(raw).0, expected);
    }

    #[test]
    fn keeps_every_other_byte() {
        let plain = "{ \"b\" : 1.50 ,\n\"a\":[\"\\u0041\",1e400000,{\"b\":12345678901234567890123}] }";
        check(plain, plain);
        check(
            "{ \"b\" : 1.50, \"pass\\u0077ord\" :\t\"x\\\"y\", \"password\": 123456, \"a\":1.50}",
            "{ \"b\" : 1.50, \"pass\\u0077ord\" :\t\"[secret removed: password]\", \
             \"password\": \"[secret removed: password]\", \"a\":1.50}",
        );
        check(
            r#"{"tokens":["a1b2c3d4e5",["a1b2c3d4e5"],{"x":"a1b2c3d4e5"}],"y":"a1b2c3d4e5"}"#,
            r#"{"tokens":["[secret removed: token]",["[secret removed: token]"],{"x":"a1b2c3d4e5"}],"y":"a1b2c3d4e5"}"#,
        );
        check(
            r#"{"tokens":[{"x":"y"},"a1b2c3d4e5"]}"#,
            r#"{"tokens":[{"x":"y"},"[secret removed: token]"]}"#,
        );
        check(
            r#"{"body":"{\"password\":\"x y\",\"z\":1}"}"#,
            r#"{"body":"{\"password\":\"[secret removed: password]\",\"z\":1}"}"#,
        );
        check(
            r#"{"a":"http:\/\/u:x1@h","b":"ghp\u005f0123456789abcdefghij0123456789abcdef"}"#,
            r#"{"a":"http://u:[secret removed: password]@h","b":"[secret removed: github token]"}"#,
        );
        check("password=x1 {", "password=[secret removed: password] {");
    }
}
