//! Texts that people give: trimmed, not empty, not endless.

use super::invalid;
use crate::Refused;

/// A title, a name: one line.
const LINE: usize = 300;
/// A remark, an action, a status.
const TEXT: usize = 20_000;
/// A brief.
const BRIEF: usize = 60_000;

/// A line that must be there.
pub(super) fn line(what: &str, text: &str) -> Result<String, Refused> {
    let text = checked(what, text, LINE)?;
    if text.chars().any(char::is_control) {
        return Err(invalid(
            "control-character",
            format!("the {what} holds a line break or another control character"),
        ));
    }
    Ok(text)
}

/// A text that must be there.
pub(super) fn text(what: &str, text: &str) -> Result<String, Refused> {
    checked(what, text, TEXT)
}

/// A text that may be left out; blank is left out.
pub(super) fn optional(what: &str, given: Option<&String>) -> Result<Option<String>, Refused> {
    given.filter(|given| !given.trim().is_empty()).map(|given| text(what, given)).transpose()
}

/// A brief that must be there.
pub(super) fn brief(text: &str) -> Result<String, Refused> {
    checked("brief", text, BRIEF)
}

fn checked(what: &str, text: &str, max: usize) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() {
        return Err(invalid("empty", format!("the {what} is empty")));
    }
    if text.len() > max {
        let message = format!("the {what} has {} bytes, more than the {max} allowed", text.len());
        return Err(invalid("too-long", message));
    }
    if text.contains('\0') {
        return Err(invalid("nul-character", format!("the {what} holds a NUL character")));
    }
    Ok(text.to_owned())
}
