//! Kinds of facts.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Text that can't be a kind was given as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind: expected 1 to 32 of a-z, 0-9 and -, a letter first")]
pub struct ParseKindError(String);

/// What sort of thing a fact tells.
///
/// An open set: a kind that this version does not know is kept and shown as it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(transparent)]
pub struct Kind(#[schemars(with = "String")] Cow<'static, str>);

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        impl Kind {
            $($(#[$doc])* pub const $name: Kind = Kind(Cow::Borrowed($text));)*

            /// Every kind known to this version.
            pub const KNOWN: &'static [Kind] = &[$(Kind::$name),*];
        }
    };
}

kinds! {
    /// What somebody wrote.
    MESSAGE = "message";
    /// An alert that fires or is resolved.
    ALERT = "alert";
    /// What a system reported that is of no other kind.
    EVENT = "event";
    /// A command that was run, where known with its exit status.
    COMMAND = "command";
    /// A deploy, push, release or change of configuration.
    CHANGE = "change";
    /// What somebody said.
    UTTERANCE = "utterance";
    /// Somebody came.
    JOIN = "join";
    /// Somebody went.
    LEAVE = "leave";
    /// A change of state of an incident, person, source or the log.
    STATE = "state";
    /// Somebody took or gave up a role.
    ROLE = "role";
    /// What was decided.
    DECISION = "decision";
    /// What somebody did.
    ACTION = "action";
    /// What came of an action.
    RESULT = "result";
    /// A question, parked for the investigation.
    QUESTION = "question";
    /// A remark.
    NOTE = "note";
    /// A pin, star, amendment or other correction of another fact.
    CORRECTION = "correction";
    /// A stretch of time in which a source could not be recorded.
    GAP = "gap";
    /// Removal of recorded content, by redaction or by retention.
    ERASURE = "erasure";
    /// A payload that was not understood, kept as it came.
    UNKNOWN = "unknown";
    /// A sample, in no incident's window.
    TEST = "test";
}

impl Kind {
    /// The kind as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether retention keeps it when it lies in an incident's window: everything but talk.
    pub fn is_evidence(&self) -> bool {
        !matches!(self.as_str(), "message" | "utterance" | "join" | "leave" | "unknown" | "test")
    }
}

impl FromStr for Kind {
    type Err = ParseKindError;

    fn from_str(text: &str) -> Result<Self, ParseKindError> {
        if let Some(known) = Self::KNOWN.iter().find(|kind| kind.as_str() == text) {
            return Ok(known.clone());
        }
        let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if letters && starts && text.len() <= 32 {
            Ok(Kind(Cow::Owned(text.into())))
        } else {
            Err(ParseKindError(text.chars().take(64).collect()))
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}
