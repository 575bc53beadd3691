//! The elements of an array in a JSON text as they were written.
//!
//! A parsed value forgets the order of keys, duplicate keys and digits of large numbers; evidence
//! must not. Works on text that a JSON parser has accepted, in one pass.

use std::ops::Range;

/// Where the elements of the array at top-level field `name` lie in `json`, a valid JSON object.
/// With duplicate fields the last counts, as it does for the parser. `None`: no such array.
pub fn elements(json: &str, name: &str) -> Option<Vec<Range<usize>>> {
    let quoted = serde_json::to_string(name).ok()?;
    let mut scan = Scan { bytes: json.as_bytes(), at: 0 };
    scan.skip_until(b'{')?;
    let mut found = None;
    loop {
        scan.blank();
        if scan.peek()? != b'"' {
            return found;
        }
        let key = scan.value()?;
        scan.skip_until(b':')?;
        scan.blank();
        if is_key(&json[key], &quoted, name) {
            found = if scan.peek()? == b'[' { Some(scan.array()?) } else { scan.value().map(|_| None)? };
        } else {
            scan.value()?;
        }
        scan.blank();
        if scan.peek()? != b',' {
            return found;
        }
        scan.at += 1;
    }
}

/// Where the elements of a JSON text lie that is an array as a whole.
pub fn whole(json: &str) -> Option<Vec<Range<usize>>> {
    let mut scan = Scan { bytes: json.as_bytes(), at: 0 };
    scan.at = json.len() - json.trim_start_matches('\u{feff}').len();
    scan.blank();
    scan.array()
}

/// A key may be written with escapes.
fn is_key(written: &str, quoted: &str, name: &str) -> bool {
    written == quoted
        || written.contains('\\') && serde_json::from_str::<String>(written).is_ok_and(|key| key == name)
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blank(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Past the next `byte`; only white space and a byte order mark may come before it.
    fn skip_until(&mut self, byte: u8) -> Option<()> {
        while self.peek()? != byte {
            self.at += 1;
        }
        self.at += 1;
        Some(())
    }

    fn array(&mut self) -> Option<Vec<Range<usize>>> {
        if self.peek()? != b'[' {
            return None;
        }
        self.at += 1;
        let mut elements = Vec::new();
        loop {
            self.blank();
            match self.peek()? {
                b']' => {
                    self.at += 1;
                    return Some(elements);
                }
                b',' => self.at += 1,
                _ => elements.push(self.value()?),
            }
        }
    }

    /// Past one value, whatever it is.
    fn value(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let mut depth = 0usize;
        loop {
            match self.peek()? {
                b'"' => self.string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                _ if depth > 0 => self.at += 1,
                _ => {
                    while self.peek().is_some_and(|byte| !b",]} \t\r\n".contains(&byte)) {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return (self.at > start).then_some(start..self.at);
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn check(json: &str, expected: Option<&[&str]>) {
        let found = elements(json, "alerts");
        let found = found.map(|ranges| ranges.into_iter().map(|range| &json[range]).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), expected, "{json}");
    }

    #[test]
    fn finds_elements_as_written() {
        check(r#"{"alerts":[]}"#, Some(&[]));
        check(
            r#" {"a":1,"alerts":[ {"x":"],"} , 2,"\"]" , [[]] ],"z":{}}"#,
            Some(&[r#"{"x":"],"}"#, "2", r#""\"]""#, "[[]]"]),
        );
        check(r#"{"alerts":[1],"alerts":[2]}"#, Some(&["2"]));
        check(r#"{"\u0061lerts":[1e400]}"#, Some(&["1e400"]));
        check(r#"{"deep":{"alerts":[1]}}"#, None);
        check(r#"{"alerts":7}"#, None);
        check("[1]", None);
        check("\u{feff}{\"alerts\":[1]}", Some(&["1"]));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(".{0,4}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_the_parser(before in any_json(), list in prop::collection::vec(any_json(), 0..5), pretty: bool) {
            let value = json!({"a": before, "alerts": list, "z": before});
            let json = if pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
            let found = elements(&json, "alerts").unwrap();
            let found: Vec<Value> =
                found.into_iter().map(|range| serde_json::from_str(&json[range]).unwrap()).collect();
            prop_assert_eq!(found, list);
        }

        #[test]
        fn never_panics(json in ".{0,64}") {
            let _ = (elements(&json, "alerts"), whole(&json));
        }
    }
}
