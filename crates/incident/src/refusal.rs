//! Why a command is refused. A refused command leaves no fact.

/// What sort of refusal it is: decides the HTTP status and the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// What it names is not there, or not to be seen.
    NotFound,
    /// It contradicts the state: already closed, changed by somebody meanwhile.
    Conflict,
    /// It names no incident and there are several, or none.
    Ambiguous,
    /// A value can't be.
    Invalid,
    /// The person may not.
    Forbidden,
}

/// A refused command: what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// What sort.
    pub refusal: Refusal,
    /// A stable word for it: `already-closed`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Incidents to choose from, by short name.
    pub choices: Vec<String>,
}

impl Refused {
    /// A refusal without hint or choices.
    pub fn new(refusal: Refusal, code: &'static str, message: impl Into<String>) -> Self {
        Refused { refusal, code, message: message.into(), hint: None, choices: Vec::new() }
    }

    /// With what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
