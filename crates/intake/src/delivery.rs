//! A delivery: what a source posted, before anybody understood it.

use std::collections::BTreeMap;

use fact::Timestamp;
use serde::{Deserialize, Serialize};

/// The headers of a delivery.
pub trait Headers {
    /// The value of a header, its name in any case; `None` when absent or no text.
    fn get(&self, name: &str) -> Option<&str>;
}

/// Headers by name in any case, for whoever has no HTTP library at hand.
impl Headers for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }
}

/// No headers at all.
impl Headers for () {
    fn get(&self, _: &str) -> Option<&str> {
        None
    }
}

/// One delivery to a source.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    /// Its headers.
    pub headers: &'a dyn Headers,
    /// Its body as it came.
    pub body: &'a [u8],
    /// When it was received: stands in for a time that the delivery doesn't tell.
    pub received_at: Timestamp,
    /// Field paths, for [`Format::Json`].
    pub mapping: &'a Mapping,
}

/// What a source speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Alertmanager's webhook, version 4.
    Alertmanager,
    /// Grafana's alerting webhook.
    Grafana,
    /// GitHub's webhooks.
    Github,
    /// GitLab's webhooks.
    Gitlab,
    /// Any JSON, by configured field paths.
    Json,
}

/// Where a generic JSON payload holds what: RFC 6901 pointers or dotted paths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mapping {
    /// When it happened: RFC 3339, or seconds, milliseconds, microseconds or nanoseconds since 1970.
    pub time: Option<String>,
    /// What happened.
    pub text: Option<String>,
    /// Who.
    pub actor: Option<String>,
    /// The sender's own id for it.
    pub native_id: Option<String>,
    /// What belongs together.
    pub thread: Option<String>,
    /// `firing`, `resolved` or other words for them.
    pub status: Option<String>,
    /// The kind of fact, fixed: `alert`, `change`, `message`, ...
    pub kind: Option<String>,
    /// The array whose elements are one fact each; the other paths then start at an element, and
    /// where it has no such field, at the whole payload.
    pub each: Option<String>,
}
