//! What comes out: drafts of facts, and what was odd about the delivery.

use std::fmt;

use fact::{Content, Kind};
use serde::{Deserialize, Serialize};

/// What a delivery was read as.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The facts, in the order of the delivery; never empty.
    pub drafts: Vec<Draft>,
    /// What was not understood or had to be changed, for the source's health.
    pub diagnostics: Vec<Diagnostic>,
}

/// A fact that still lacks its id and its source.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What sort of thing it tells.
    pub kind: Kind,
    /// The rest; within the limits of [`fact::Limits`], `live` is set.
    pub content: Content,
}

/// Something about a delivery that a person should know.
///
/// What concerns a single fact is said in the fact as well, in `data.diagnostics`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// What sort of trouble it is.
    pub code: Code,
    /// A sentence for people.
    pub message: String,
}

impl Diagnostic {
    /// A diagnostic.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Diagnostic { code, message: message.into() }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Sorts of trouble with a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// There was nothing in it.
    Empty,
    /// It is not text, or not JSON.
    Unreadable,
    /// It is JSON, but not what this source speaks.
    UnknownShape,
    /// A time is missing, unreadable or absurd; another was used.
    Time,
    /// Something was missing and was computed or guessed.
    Guessed,
    /// Something was too long and was cut.
    Cut,
    /// Characters were replaced.
    Replaced,
    /// The sender left something out.
    LeftOut,
}
