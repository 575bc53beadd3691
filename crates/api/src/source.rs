//! Sources.

use incident::{Mapping, SourceKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{PersonRef, SourceHealth};

/// What `sources add` answers. A contract: exactly these fields, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceAdded {
    /// Its name.
    pub source: String,
    /// What it speaks.
    pub kind: SourceKind,
    /// Where to deliver; carries the secret and works alone with a plain POST.
    pub url: String,
    /// The secret.
    pub secret: String,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceView {
    /// Its name.
    pub source: String,
    /// What it speaks.
    pub kind: SourceKind,
    /// Whether only its members see its facts.
    pub private: bool,
    /// Its members, if it is private.
    pub members: Vec<PersonRef>,
    /// How many days its talk is kept; `None`: for ever.
    pub retention_days: Option<u32>,
    /// Field paths of a generic JSON source.
    pub mapping: Mapping,
    /// How its recording goes.
    pub health: SourceHealth,
}
