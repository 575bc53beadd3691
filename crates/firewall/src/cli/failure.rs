//! How a verb ends, and the one place where an error is printed.

use std::fmt;
use std::io::Write;

use serde::Serialize;

use crate::view::printable;

/// How a verb ends when nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Nothing to do, or done; exit status 0.
    Done,
    /// Changes would be made (`--check`); exit status 2.
    WouldChange,
    /// Done in part, or the answer was told already and is a no; exit status 1.
    No,
    /// Refused, and why was told already as the answer; exit status 3.
    Refused,
}

impl Ending {
    /// Its exit status.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::WouldChange => 2,
            Self::Refused => 3,
        }
    }
}

/// A verb that could not do what it was asked: what, why, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// For programs, such as `not-root`.
    pub code: &'static str,
    /// What failed.
    pub title: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    #[serde(skip)]
    is_refusal: bool,
}

impl Failure {
    /// An error: exit status 1.
    pub fn new(code: &'static str, title: impl Into<String>) -> Self {
        Self { code, title: title.into(), detail: None, hint: None, choices: Vec::new(), is_refusal: false }
    }

    /// It could be done, but is not: exit status 3.
    pub fn refused(code: &'static str, title: impl Into<String>) -> Self {
        Self { is_refusal: true, ..Self::new(code, title) }
    }

    /// Nobody reads the answer any more, as behind `| head`: no failure to be told.
    pub fn unread() -> Self {
        Self::new("stdout-closed", "Nobody reads the answer any more.")
    }

    /// Whether nobody reads the answer any more.
    pub fn is_unread(&self) -> bool {
        self.code == "stdout-closed"
    }

    /// With why.
    #[must_use]
    pub fn why(mut self, why: impl fmt::Display) -> Self {
        self.detail = Some(why.to_string());
        self
    }

    /// With an error and all that caused it as the reason.
    #[must_use]
    pub fn because(self, error: &dyn std::error::Error) -> Self {
        self.why(chain(error))
    }

    /// With what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With what to choose from.
    #[must_use]
    pub fn choices(mut self, choices: impl IntoIterator<Item = String>) -> Self {
        self.choices = choices.into_iter().collect();
        self
    }

    /// Its exit status.
    pub fn exit_status(&self) -> u8 {
        if self.is_refusal { 3 } else { 1 }
    }

    /// Prints it on stderr: lines for people, or one JSON document.
    pub fn print(&self, json: bool) {
        let text =
            if json { serde_json::to_string(self).expect("a failure is plain data") } else { self.lines() };
        // Nobody is left to tell when stderr itself is closed.
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }

    fn lines(&self) -> String {
        let style = anstyle::AnsiColor::Red.on_default().bold();
        let word = if self.is_refusal { "refused:" } else { "error:" };
        let mut text = format!("{style}{word}{style:#} {}", printable(&self.title));
        if !self.choices.is_empty() {
            text.push_str(&format!("\n  one of: {}", printable(&self.choices.join(", "))));
        }
        for (label, part) in [("why", &self.detail), ("do", &self.hint)] {
            if let Some(part) = part {
                text.push_str(&format!("\n  {label}: {}", printable(part).replace('\n', "\n  ")));
            }
        }
        text
    }
}

/// An error with all that caused it, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(&format!(": {source}"));
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_why_and_what_to_do() {
        let failure = Failure::refused("cuts", "The plan cuts 3 live connections.")
            .why("rule 4 of INPUT decides\u{1b}[2J")
            .hint("--cut goes on");
        let plain = anstream::adapter::strip_str(&failure.lines()).to_string();
        assert_eq!(
            plain,
            "refused: The plan cuts 3 live connections.\n  why: rule 4 of INPUT decides\u{fffd}[2J\n  do: --cut goes on"
        );
        assert_eq!((failure.exit_status(), Failure::new("x", "y").exit_status()), (3, 1));
        assert_eq!(
            serde_json::to_string(&failure.choices(["a".to_owned()])).unwrap(),
            r#"{"code":"cuts","title":"The plan cuts 3 live connections.","detail":"rule 4 of INPUT decides\u001b[2J","hint":"--cut goes on","choices":["a"]}"#
        );
    }
}
