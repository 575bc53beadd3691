//! The elements of an array in a JSON text as they were written.
//!
//! A parsed value forgets the order of keys, duplicate keys and digits of large numbers; evidence
//! must not. Works on text that a JSON parser has accepted, in one pass.

use std::ops::Range;

/// Where the elements of the array at `path` lie in `json`, a valid JSON text. `None`: no array there.
///
/// A step is the name of a field or the index of an element; with duplicate fields the last counts,
/// as it does for the parser.
pub fn elements(json: &str, path: &[String]) -> Option<Vec<Range<usize>>> {
    let mut scan =
        Scan { json, bytes: json.as_bytes(), at: json.len() - json.trim_start_matches('\u{feff}').len() };
    scan.blank();
    for step in path {
        scan.at = match scan.peek()? {
            b'[' => scan.array()?.get(step.parse::<usize>().ok()?)?.start,
            _ => scan.field(step)?,
        };
    }
    scan.array()
}

struct Scan<'a> {
    json: &'a str,
    bytes: &'a [u8],
    at: usize,
}

/// Whether a quoted key is this name; it may be written with escapes.
fn is_key(written: &str, name: &str) -> bool {
    match written.contains('\\') {
        true => serde_json::from_str::<String>(written).is_ok_and(|key| key == name),
        false => written.trim_matches('"') == name,
    }
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

    /// Where the value of the last field `name` of the object here begins.
    fn field(&mut self, name: &str) -> Option<usize> {
        if self.peek()? != b'{' {
            return None;
        }
        self.at += 1;
        let mut found = None;
        loop {
            self.blank();
            match self.peek()? {
                b'}' => return found,
                b',' => self.at += 1,
                _ => {
                    let key = self.value()?;
                    self.blank();
                    self.at += 1; // The colon.
                    self.blank();
                    let start = self.at;
                    self.value()?;
                    found = if is_key(&self.json[key], name) { Some(start) } else { found };
                }
            }
        }
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

    fn path(path: &str) -> Vec<String> {
        path.split_terminator('/').map(str::to_owned).collect()
    }

    fn check(json: &str, at: &str, expected: Option<&[&str]>) {
        let found = elements(json, &path(at));
        let found = found.map(|ranges| ranges.into_iter().map(|range| &json[range]).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), expected, "{json}");
    }

    #[test]
    fn finds_elements_as_written() {
        check(r#"{"alerts":[]}"#, "alerts", Some(&[]));
        check(
            r#" {"a":1,"alerts":[ {"x":"],"} , 2,"\"]" , [[]] ],"z":{}}"#,
            "alerts",
            Some(&[r#"{"x":"],"}"#, "2", r#""\"]""#, "[[]]"]),
        );
        check(r#"{"alerts":[1],"alerts":[2]}"#, "alerts", Some(&["2"]));
        check(r#"{"\u0061lerts":[1e400]}"#, "alerts", Some(&["1e400"]));
        check(r#"{"deep":{"alerts":[1]}}"#, "alerts", None);
        check(r#"{"deep":[0,{"alerts":[1]}]}"#, "deep/1/alerts", Some(&["1"]));
        check(r#"{"deep":[0,{"alerts":[1]}]}"#, "deep/2/alerts", None);
        check(r#"{"alerts":7}"#, "alerts", None);
        check("[1, 2]", "", Some(&["1", "2"]));
        check("{}", "", None);
        check("\u{feff} {\"alerts\" : [1]}", "alerts", Some(&["1"]));
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
            let found = elements(&json, &path("alerts")).unwrap();
            let found: Vec<Value> =
                found.into_iter().map(|range| serde_json::from_str(&json[range]).unwrap()).collect();
            prop_assert_eq!(found, list);
        }

        #[test]
        fn never_panics(json in ".{0,64}") {
            let _ = (elements(&json, &path("alerts")), elements(&json, &[]));
        }
    }
}
