//! The one line to type: `did ...`, `note ...`, `why ...`, `status ...`, with or without a slash.
//! Anything else is a note, as it stands.

use super::form::Fields;

/// Verbs that take a text.
const TEXT_VERBS: [&str; 4] = ["did", "note", "why", "status"];

/// Verbs that need none.
const BARE_VERBS: [&str; 3] = ["mitigated", "close", "reopen"];

/// The fields of the command that a typed line stands for; `None` if it is blank.
///
/// Options come right behind the verb: `--temporary`, `--because costly`, `--at 14:05`,
/// `--next 30` (minutes).
pub(crate) fn fields(line: &str, incident: &str) -> Option<Fields> {
    let line = line.trim();
    if line.is_empty() {
        return None;
    }
    let has_slash = line.starts_with('/');
    let (word, rest) = split(line.strip_prefix('/').unwrap_or(line));
    let word = word.trim_end_matches(':').to_lowercase();
    let mut fields: Fields = vec![("incident".into(), incident.into())];
    let mut push = |key: &str, value: &str| fields.push((key.into(), value.into()));

    let verb = match word.as_str() {
        verb if TEXT_VERBS.contains(&verb) && !rest.is_empty() => verb,
        // A sentence may well begin with these words: alone, or behind a slash, they are verbs.
        verb if BARE_VERBS.contains(&verb) && (has_slash || rest.is_empty()) => verb,
        "sev" | "severity" if rest.parse::<u8>().is_ok() => {
            push("verb", "severity");
            push("severity", rest);
            return Some(fields);
        }
        _ => {
            push("verb", "note");
            push("text", line);
            return Some(fields);
        }
    };
    push("verb", verb);
    let mut rest = rest;
    loop {
        let (option, after) = split(rest);
        rest = match (verb, option) {
            ("did", "--temporary") => {
                push("temporary", "true");
                after
            }
            ("did", "--because") => {
                let (because, after) = split(after);
                push("temporary", "true");
                push("because", because);
                after
            }
            (_, "--at") => {
                let (at, after) = split(after);
                push("at", at);
                after
            }
            ("status", "--next") => {
                let (minutes, after) = split(after);
                push("next_in", minutes.trim_end_matches(['m', 'i', 'n']));
                after
            }
            _ => break,
        };
    }
    push(if verb == "reopen" { "why" } else { "text" }, rest);
    Some(fields)
}

fn split(text: &str) -> (&str, &str) {
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let told = fields(line, "INC-1").map(|fields| {
            let told: Vec<String> = fields[1..].iter().map(|(key, value)| format!("{key}={value}")).collect();
            told.join(" | ")
        });
        assert_eq!(told.as_deref().unwrap_or("nothing"), expected, "{line}");
    }

    #[test]
    fn reads_a_line() {
        check("did restart the proxy", "verb=did | text=restart the proxy");
        check("/did restart", "verb=did | text=restart");
        check("Did: restart", "verb=did | text=restart");
        check("did --temporary open 5432", "verb=did | temporary=true | text=open 5432");
        check(
            "did --because against-policy --at 14:05 open it",
            "verb=did | temporary=true | because=against-policy | at=14:05 | text=open it",
        );
        check("why is the cache cold?", "verb=why | text=is the cache cold?");
        check("status --next 30m rolling back", "verb=status | next_in=30 | text=rolling back");
        check("note seen on db2", "verb=note | text=seen on db2");
        check("sev 1", "verb=severity | severity=1");
        check("/close", "verb=close | text=");
        check("/reopen it is back", "verb=reopen | why=it is back");
    }

    #[test]
    fn anything_else_is_a_note() {
        check("  ", "nothing");
        check("did", "verb=note | text=did");
        check("db2 is slow", "verb=note | text=db2 is slow");
        check("close to the limit on db2", "verb=note | text=close to the limit on db2");
        check("/srv is full", "verb=note | text=/srv is full");
        check("severity unclear", "verb=note | text=severity unclear");
        check("did\u{a0}x", "verb=did | text=x");
    }
}
