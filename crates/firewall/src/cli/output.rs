//! What a verb prints: one JSON document, or text for people.

use std::io::{self, Write};

use serde::Serialize;

use super::{Ending, Failure};

/// Prints the answer of a verb.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Exactly one JSON document instead of text.
    pub json: bool,
}

impl Output {
    /// Prints `value` with `--json`, else what `text` makes.
    pub fn print<T: Serialize>(self, value: &T, text: impl FnOnce() -> String) -> Result<Ending, Failure> {
        if self.json {
            let document = serde_json::to_string(value).expect("answers are plain data");
            self.text(&document)?;
        } else {
            self.text(text().trim_end())?;
        }
        Ok(Ending::Done)
    }

    /// Prints text and a line feed on stdout; colours stay on a terminal only. A reader that went away ends the verb quietly.
    pub fn text(self, text: &str) -> Result<(), Failure> {
        let mut stdout = anstream::stdout().lock();
        written(writeln!(stdout, "{text}").and_then(|()| stdout.flush()))
    }

    /// Prints bytes as they are: text that programs read, such as iptables-save's.
    pub fn raw(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        written(stdout.write_all(bytes).and_then(|()| stdout.flush()))
    }

    /// Tells something besides the answer, on stderr; kept quiet with `--json`.
    pub fn remark(self, remark: &str) {
        if !self.json {
            let _ = writeln!(anstream::stderr().lock(), "{remark}");
        }
    }
}

fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::unread()),
        Err(error) => Err(Failure::new("stdout", "The answer can't be written to stdout.").why(error)),
    }
}
