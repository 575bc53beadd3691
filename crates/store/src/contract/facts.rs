//! Facts for tests, in few words.

use fact::{Content, EntityId, FactId, Kind, NewFact, SourceId, Span, Timestamp};
use serde_json::json;
use uuid::Uuid;

/// So many seconds after 2026-02-20T15:00:00Z.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_771_599_600 + seconds)
}

/// An id by number.
pub fn id(n: u128) -> FactId {
    FactId(Uuid::from_u128(0x019a_b3de_7a43_7c21_8f00_0000_0000_0000 + n))
}

/// A source by number.
pub fn source(n: u128) -> SourceId {
    SourceId(Uuid::from_u128(0x019a_b3de_0000_7000_8000_0000_0000_0000 + n))
}

/// A fact as tests change it.
pub trait Facts {
    /// A message of `source(1)` that happened so many seconds after the start.
    fn message(n: u128, seconds: i64, text: &str) -> NewFact {
        let content = Content::new(format!("native-{n}"), at(seconds), text);
        NewFact { id: id(n), source: source(1), kind: Kind::MESSAGE, content }
    }
    /// Of another source.
    fn of(self, source: SourceId) -> Self;
    /// Of another kind.
    fn kind(self, kind: Kind) -> Self;
    /// Recorded as it happened.
    fn live(self) -> Self;
    /// About an entity, as one of its versions.
    fn about_entity(self, entity: EntityId, version: u64) -> Self;
    /// An edit of the fact made with `message(n, ..)`.
    fn edit_of(self, n: u128, revision: u32) -> Self;
    /// In a thread, telling an interval of it, in seconds after the start.
    fn span(self, thread: &str, begin: i64, end: Option<i64>) -> Self;
    /// Quoting other facts.
    fn quoting(self, about: &[FactId]) -> Self;
}

impl Facts for NewFact {
    fn of(mut self, source: SourceId) -> Self {
        self.source = source;
        self
    }

    fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    fn live(mut self) -> Self {
        self.content.live = true;
        self
    }

    fn about_entity(mut self, entity: EntityId, version: u64) -> Self {
        self.content.entity = Some(entity);
        self.content.version = Some(version);
        self.content.data.insert("event".into(), json!({"event": "test"}));
        self
    }

    fn edit_of(mut self, n: u128, revision: u32) -> Self {
        self.content.native_id = format!("native-{n}");
        self.content.revision = revision;
        self
    }

    fn span(mut self, thread: &str, begin: i64, end: Option<i64>) -> Self {
        self.content.thread = Some(thread.into());
        self.content.span = Some(Span { begin: at(begin), end: end.map(at) });
        self
    }

    fn quoting(mut self, about: &[FactId]) -> Self {
        self.content.about = about.to_vec();
        self
    }
}
