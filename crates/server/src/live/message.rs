//! What a page is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use fact::FactId;
use serde::Serialize;

/// A message to every client of a channel.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// What the page knows when it has this one.
    pub position: u64,
    /// Its event's name; `None`: nothing is sent, but who listens is looked at anew.
    pub event: Option<&'static str>,
    /// Its data, as JSON.
    pub data: Arc<str>,
}

impl Message {
    pub(super) fn new(position: u64, event: &'static str, data: &impl Serialize) -> Self {
        let data = serde_json::to_string(data).unwrap_or_default();
        Message { position, event: Some(event), data: data.into() }
    }

    /// The page must be read anew.
    pub(super) fn reload(position: u64) -> Self {
        Message { position, event: Some("reload"), data: "null".into() }
    }

    /// The state changed: what a client may see may be another.
    pub(super) fn look(position: u64) -> Self {
        Message { position, event: None, data: "".into() }
    }
}

/// Lines of a timeline.
#[derive(Debug, Serialize)]
pub(super) struct Facts {
    pub facts: Vec<Line>,
}

/// A line, with what is needed to put it in its place.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub id: FactId,
    /// When it happened, in microseconds.
    pub t: i64,
    pub p: u64,
    pub day: String,
    /// It was there before, and is shown otherwise now.
    pub again: bool,
    pub html: String,
}

/// Facts that were removed for good.
#[derive(Debug, Serialize)]
pub(super) struct Redacted {
    pub ids: Vec<FactId>,
}

/// A stretch of positions in which facts of a source expired.
#[derive(Debug, Serialize)]
pub(super) struct Expired {
    pub source: String,
    pub from: u64,
    pub to: u64,
}

/// Parts of the page by id.
pub(super) type Parts = BTreeMap<&'static str, String>;
