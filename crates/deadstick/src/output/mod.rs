//! What a verb prints: one JSON document, or text for people.

mod moment;
mod printable;
mod table;
mod wrap;

use std::io::Write;

use serde::Serialize;

use crate::failure::{Ending, Failure};

pub use moment::{Moments, elapsed};
pub use printable::{one_line, printable};
pub use table::table;
pub use wrap::{hanging, width};

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
            self.line(&document)?;
        } else {
            self.line(text().trim_end())?;
        }
        Ok(Ending::Done)
    }

    /// Prints one line on stdout. A reader that went away ends the verb quietly: [`Failure::unread`].
    pub fn line(self, line: &str) -> Result<(), Failure> {
        let mut stdout = anstream::stdout().lock();
        match writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Failure::unread()),
            Err(error) => {
                Err(Failure::environment("stdout", "The answer can't be written to stdout.").why(error))
            }
        }
    }

    /// Tells something besides the answer, on stderr; kept quiet with `--json`.
    pub fn remark(self, remark: &str) {
        if !self.json {
            let _ = writeln!(anstream::stderr(), "{remark}");
        }
    }
}

/// Bold on a terminal.
pub fn strong(text: &str) -> String {
    let style = anstyle::Style::new().bold();
    format!("{style}{text}{style:#}")
}

/// Dimmed on a terminal.
pub fn faint(text: &str) -> String {
    let style = anstyle::Style::new().dimmed();
    format!("{style}{text}{style:#}")
}

/// Coloured on a terminal.
pub fn coloured(text: &str, colour: anstyle::AnsiColor) -> String {
    let style = colour.on_default();
    format!("{style}{text}{style:#}")
}
