//! Sources: rooms, bridges, hosts, alert feeds.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use fact::{PersonId, SourceId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a source speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// The product itself.
    Deadstick,
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
    /// Facts as they are, one JSON object a line.
    Ndjson,
}

impl SourceKind {
    /// All that can be added.
    pub const ADDABLE: [SourceKind; 6] =
        [Self::Alertmanager, Self::Grafana, Self::Github, Self::Gitlab, Self::Json, Self::Ndjson];

    /// The kind as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deadstick => "deadstick",
            Self::Alertmanager => "alertmanager",
            Self::Grafana => "grafana",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
        }
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SourceKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ADDABLE.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
            let kinds = Self::ADDABLE.map(Self::as_str).join(", ");
            format!("`{text}` is not a kind of source; known are {kinds}")
        })
    }
}

/// Where a generic JSON payload holds what: RFC 6901 pointers or dotted paths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// When it happened: RFC 3339, or seconds, milliseconds or microseconds since 1970.
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
    /// The array whose elements are one fact each.
    pub each: Option<String>,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// Its name, unique.
    pub name: String,
    /// What it speaks.
    pub kind: SourceKind,
    /// Who sees its facts; `None`: everybody.
    pub members: Option<BTreeSet<PersonId>>,
    /// How many days its talk is kept; `None`: for ever.
    pub retention_days: Option<u32>,
    /// Field paths of a generic JSON source.
    pub mapping: Mapping,
    /// Counts its secrets: a rotation makes a new one.
    pub secret_generation: u32,
    /// How many facts were folded into it.
    pub version: u64,
    /// Set by an event that this version does not know.
    pub read_only: Option<String>,
}
