//! A fact as insight sees it: borrowed, with its corrections applied.

use fact::{FactId, Kind, SourceId, Span, StoredFact, Timestamp};
use serde_json::{Map, Value};

/// A fact of a window.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Its id.
    pub id: FactId,
    /// Its source.
    pub source: SourceId,
    /// What sort of thing it tells.
    pub kind: &'a Kind,
    /// When it happened, as corrected.
    pub at: Timestamp,
    /// Who.
    pub actor: Option<&'a str>,
    /// What, as corrected.
    pub text: &'a str,
    /// What belongs together within the source.
    pub thread: Option<&'a str>,
    /// The interval that it asserts for its thread.
    pub span: Option<Span>,
    /// The facts that it names.
    pub about: &'a [FactId],
    /// What the source told besides.
    pub data: &'a Map<String, Value>,
}

impl<'a> Seen<'a> {
    /// As it was told.
    pub fn of(stored: &'a StoredFact) -> Self {
        let content = &stored.fact.content;
        Seen {
            id: stored.fact.id,
            source: stored.fact.source,
            kind: &stored.fact.kind,
            at: content.occurred_at,
            actor: content.actor.as_deref(),
            text: &content.text,
            thread: content.thread.as_deref(),
            span: content.span,
            about: &content.about,
            data: &content.data,
        }
    }

    /// Whether somebody or something acted.
    pub fn is_action(&self) -> bool {
        matches!(self.kind.as_str(), "action" | "command" | "change")
    }

    /// Whether somebody said or wrote it.
    pub fn is_talk(&self) -> bool {
        matches!(self.kind.as_str(), "message" | "utterance" | "note")
    }

    /// A text of its data, by path.
    pub(crate) fn told(&self, path: &[&str]) -> Option<&'a str> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.data.get(*first)?, |value, name| value.get(*name))?.as_str()
    }

    /// The exit status of a command, if it is known.
    pub(crate) fn exit_status(&self) -> Option<i64> {
        self.data.get("exit_status").and_then(Value::as_i64)
    }
}
