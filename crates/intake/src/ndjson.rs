//! Facts as they are, one JSON object a line: what scripts, agents and spools send.
//!
//! The contract is "Fact in" of docs/formats/fact-in.md. Optional fields may be absent or null.
//! A field that the contract doesn't name is kept in `data` under its own name, unless `data` holds
//! that name already: then the line is refused, since one of the two would be lost.

use fact::{Content, FactId, Kind, Limits, NewFact, SourceId, Span, Timestamp};
use serde_json::{Map, Value};

/// The longest line read, in bytes.
pub const MAX_LINE: usize = 2 * 1_048_576;

/// A fact as a line told it.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The source's name; `None`: that of whoever sends the line.
    pub source: Option<String>,
    /// Chosen by the writer; the same id again is the same fact.
    pub id: FactId,
    /// What sort of thing it tells.
    pub kind: Kind,
    /// The rest; `live` unless the line says `"live": false`.
    pub content: Content,
}

/// A line that is no fact; its text says which field and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineProblem {
    /// The line is longer than [`MAX_LINE`].
    #[error("the line has {len} bytes, more than the {MAX_LINE} allowed")]
    TooLong {
        /// Its length.
        len: usize,
    },
    /// The line is not JSON.
    #[error("the line is not a JSON object: {0}")]
    NotJson(String),
    /// A field that every fact needs is absent.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A field holds what it can't hold.
    #[error("`{field}` {expected}")]
    Wrong {
        /// The field.
        field: &'static str,
        /// What it must be.
        expected: String,
    },
    /// A field stands both beside and in `data`.
    #[error("`{0}` stands both beside `data` and in it: one of the two would be lost")]
    Twice(String),
    /// A state fact was sent.
    #[error("`kind` {0} is written by the server only: send a command instead")]
    Reserved(Kind),
    /// A part is out of bounds.
    #[error("{0}")]
    OutOfBounds(#[from] fact::OutOfBounds),
}

/// The `id` of a line as it was written, for the answer to one that is refused.
pub fn id(line: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Id {
        id: String,
    }
    if line.len() > MAX_LINE {
        return None;
    }
    serde_json::from_slice(line).ok().map(|Id { id }| shown_text(&id))
}

/// Reads one line.
pub fn read(line: &[u8]) -> Result<Line, LineProblem> {
    if line.len() > MAX_LINE {
        return Err(LineProblem::TooLong { len: line.len() });
    }
    let object: Map<String, Value> =
        serde_json::from_slice(line).map_err(|error| LineProblem::NotJson(error.to_string()))?;
    let mut fields = Fields(object);
    let id = fields.parsed("id")?.ok_or(LineProblem::Missing("id"))?;
    let source = fields.text("source")?;
    let kind: Kind = fields.parsed("kind")?.ok_or(LineProblem::Missing("kind"))?;
    if [Kind::STATE, Kind::ROLE, Kind::ERASURE, Kind::CORRECTION].contains(&kind) {
        return Err(LineProblem::Reserved(kind));
    }
    let occurred_at = fields.parsed("occurred_at")?.ok_or(LineProblem::Missing("occurred_at"))?;
    let content = content(&mut fields, id, occurred_at)?;
    let fact = NewFact { id, source: SourceId::OWN, kind, content };
    Limits::check(&fact)?;
    Ok(Line { source, id, kind: fact.kind, content: fact.content })
}

fn content(fields: &mut Fields, id: FactId, occurred_at: Timestamp) -> Result<Content, LineProblem> {
    // Without a native id the fact's own id is one: sending it again is still recognised.
    let native_id = fields.text("native_id")?.unwrap_or_else(|| id.to_string());
    let text = fields.text("text")?.unwrap_or_default();
    let mut content = Content::new(native_id, occurred_at, text);
    content.revision = fields.number("revision")?.unwrap_or(0);
    content.zone = fields.text("zone")?;
    content.uncertainty_s = fields.number("uncertainty_s")?;
    content.actor = fields.text("actor")?;
    content.thread = fields.text("thread")?;
    content.span = fields.span()?;
    content.live = fields.boolean("live")?.unwrap_or(true);
    content.raw = fields.text("raw")?;
    content.data = fields.data()?;
    for (name, value) in std::mem::take(&mut fields.0) {
        if content.data.contains_key(&name) {
            return Err(LineProblem::Twice(shown_text(&name)));
        }
        content.data.insert(name, value);
    }
    if let Some(result_of) = content.data.get("result_of").filter(|action| !action.is_null()) {
        let action = result_of.as_str().and_then(|text| text.parse::<FactId>().ok());
        let expected = || format!("must be the id of a fact, not {}", shown(result_of));
        content.about.push(action.ok_or_else(|| wrong("result_of", expected()))?);
    }
    if let Some(status) = content.data.get("exit_status").filter(|status| !status.is_i64()) {
        return Err(wrong("data.exit_status", format!("must be a whole number, not {}", shown(status))));
    }
    Ok(content)
}

/// The fields of a line that nobody has taken yet.
struct Fields(Map<String, Value>);

impl Fields {
    fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &'static str) -> Result<Option<String>, LineProblem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(name, format!("must be a string, not {}", shown(&other)))),
        }
    }

    fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, LineProblem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|error: T::Err| wrong(name, format!("is wrong: {error}")))
    }

    fn number(&mut self, name: &'static str) -> Result<Option<u32>, LineProblem> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        let expected = || format!("must be a whole number from 0 to {}, not {}", u32::MAX, shown(&value));
        number.map(Some).ok_or_else(|| wrong(name, expected()))
    }

    fn boolean(&mut self, name: &'static str) -> Result<Option<bool>, LineProblem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(yes)) => Ok(Some(yes)),
            Some(other) => Err(wrong(name, format!("must be true or false, not {}", shown(&other)))),
        }
    }

    fn data(&mut self) -> Result<Map<String, Value>, LineProblem> {
        match self.take("data") {
            None => Ok(Map::new()),
            Some(Value::Object(data)) => Ok(data),
            Some(other) => Err(wrong("data", format!("must be an object, not {}", shown(&other)))),
        }
    }

    fn span(&mut self) -> Result<Option<Span>, LineProblem> {
        let mut ends = match self.take("span") {
            None => return Ok(None),
            Some(Value::Object(ends)) => Fields(ends),
            Some(other) => return Err(wrong("span", format!("must be an object, not {}", shown(&other)))),
        };
        let begin: Timestamp = ends.parsed("begin")?.ok_or(LineProblem::Missing("span.begin"))?;
        let end: Option<Timestamp> = ends.parsed("end")?;
        if end.is_some_and(|end| end < begin) {
            return Err(wrong("span", "ends before it begins".into()));
        }
        if let Some(name) = ends.0.keys().next() {
            return Err(wrong("span", format!("has begin and end only, not `{}`", shown_text(name))));
        }
        Ok(Some(Span { begin, end }))
    }
}

fn wrong(field: &'static str, expected: String) -> LineProblem {
    LineProblem::Wrong { field, expected }
}

fn shown(value: &Value) -> String {
    shown_text(&value.to_string())
}

fn shown_text(text: &str) -> String {
    crate::json::one_line(text, 64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "019ab3de-7a43-7c21-8f00-000000000001";
    const ACTION: &str = "019ab3de-7a43-7c21-8f00-000000000002";

    /// A line with the fields that every fact needs, and `more`.
    fn a_line(more: &str) -> String {
        format!(r#"{{"id":"{ID}","kind":"command","occurred_at":"2026-02-20T15:10:00Z"{more}}}"#)
    }

    fn check_problem(line: &str, expected: &str) {
        assert_eq!(read(line.as_bytes()).unwrap_err().to_string(), expected, "{line}");
    }

    #[test]
    fn reads_every_field_of_the_contract() {
        let more = format!(
            r#","source":"deploy-host","native_id":"n-1","revision":2,"zone":"Europe/Berlin",
            "uncertainty_s":5,"actor":"ada","text":"systemctl restart api","thread":"t-1",
            "span":{{"begin":"2026-02-20T15:09:00Z","end":null}},"live":false,"raw":"$ systemctl",
            "data":{{"exit_status":1,"cwd":"/srv"}},"result_of":"{ACTION}","shell":"bash""#
        );
        let found = read(a_line(&more).replace('\n', " ").as_bytes()).unwrap();
        assert_eq!(found.source.as_deref(), Some("deploy-host"));
        assert_eq!((found.id.to_string().as_str(), found.kind), (ID, Kind::COMMAND));
        let content = serde_json::to_value(&found.content).unwrap();
        let expected = serde_json::json!({
            "native_id": "n-1", "revision": 2, "occurred_at": 1_771_600_200_000_000_i64,
            "zone": "Europe/Berlin", "uncertainty_s": 5, "actor": "ada",
            "text": "systemctl restart api", "thread": "t-1",
            "span": {"begin": 1_771_600_140_000_000_i64},
            "about": [ACTION],
            "data": {"exit_status": 1, "cwd": "/srv", "result_of": ACTION, "shell": "bash"},
            "raw": "$ systemctl",
        });
        assert_eq!(content, expected);
    }

    #[test]
    fn takes_the_defaults_for_what_is_absent_or_null() {
        let absent = read(a_line("").as_bytes()).unwrap();
        let null = a_line(
            r#","source":null,"native_id":null,"revision":null,"zone":null,"uncertainty_s":null,
            "actor":null,"text":null,"thread":null,"span":null,"live":null,"raw":null,"data":null"#,
        );
        assert_eq!(read(null.as_bytes()).unwrap(), absent);
        assert_eq!(absent.content.native_id, ID);
        assert!(absent.content.live);
    }

    #[test]
    fn says_what_is_wrong_with_a_line() {
        check_problem("", "the line is not a JSON object: EOF while parsing a value at line 1 column 0");
        check_problem(
            "[]",
            "the line is not a JSON object: invalid type: sequence, expected a map at line 1 column 0",
        );
        check_problem("{}", "`id` is missing");
        check_problem(&format!(r#"{{"id":"{ID}"}}"#), "`kind` is missing");
        check_problem(&format!(r#"{{"id":"{ID}","kind":"note"}}"#), "`occurred_at` is missing");
        check_problem(r#"{"id":7}"#, "`id` must be a string, not 7");
        check_problem(
            r#"{"id":"x"}"#,
            "`id` is wrong: `x` is not an id: expected a UUID such as 019ab3de-7a43-7c21-8f00-000000000001",
        );
        check_problem(
            &a_line(r#","revision":-1"#),
            "`revision` must be a whole number from 0 to 4294967295, not -1",
        );
        check_problem(&a_line(r#","data":[1]"#), "`data` must be an object, not [1]");
        check_problem(
            &a_line(r#","exit_status":"1""#),
            r#"`data.exit_status` must be a whole number, not "1""#,
        );
        check_problem(&a_line(r#","result_of":"x""#), r#"`result_of` must be the id of a fact, not "x""#);
        check_problem(
            &a_line(r#","shell":"sh","data":{"shell":"bash"}"#),
            "`shell` stands both beside `data` and in it: one of the two would be lost",
        );
        check_problem(
            &a_line("").replace("command", "state"),
            "`kind` state is written by the server only: send a command instead",
        );
        check_problem(
            &a_line("").replace("2026-02-20T15:10:00Z", "0001-01-01T00:00:00Z"),
            "`occurred_at` is 0001-01-01T00:00:00.000000Z, outside 1970-01-01 to 2200-01-01",
        );
        check_problem(&a_line(r#","text":"a\u0000b""#), "`text` holds a NUL character");
        check_problem(
            &a_line(r#","span":{"begin":"2026-02-20T15:10:00Z","end":"2026-02-20T15:09:00Z"}"#),
            "`span` ends before it begins",
        );
        check_problem(&"x".repeat(MAX_LINE + 1), "the line has 2097153 bytes, more than the 2097152 allowed");
    }

    #[test]
    fn names_the_refused() {
        assert_eq!(id(br#"{"id":"x","kind":7}"#).as_deref(), Some("x"));
        assert_eq!(id(b"{"), None);
    }

    proptest! {
        #[test]
        fn never_panics(line: Vec<u8>, field in "[a-z_]{1,13}", value in r#"[\[{"0-9a-z\]}]{0,6}"#) {
            let _ = read(&line);
            let _ = read(a_line(&format!(r#","{field}":{value}"#)).as_bytes());
        }
    }
}
