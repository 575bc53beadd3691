//! The form in which the worked example is written: one line an event.
//!
//! ```text
//! begins 27h ago
//! +0:19:10 terminal command tomas@quay-3 exit=0 | ufw disable
//! +0:26 @Ines declare severity=2 services=orders | Payments fail
//! ```
//! Time from the beginning, who tells it (a source, or `@` and a person), what, words and
//! `key=value` pairs, and behind ` | ` the text.

use std::collections::BTreeMap;

/// A story: when it began, in seconds ago, and what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// Seconds before now.
    pub begins_ago: i64,
    /// In the order in which it was recorded.
    pub lines: Vec<Line>,
}

/// Something that happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Its line in the file, from 1.
    pub number: usize,
    /// Seconds from the beginning, at which it was recorded.
    pub at: i64,
    /// A source's name, or `@` and a person's.
    pub who: String,
    /// What sort of thing.
    pub verb: String,
    /// Words without `=`.
    pub words: Vec<String>,
    /// `key=value` pairs.
    pub keys: BTreeMap<String, String>,
    /// What it says.
    pub text: String,
}

impl Line {
    /// A pair's value.
    pub fn key(&self, name: &str) -> Option<&str> {
        self.keys.get(name).map(String::as_str)
    }

    /// Whether a word is there.
    pub fn has(&self, word: &str) -> bool {
        self.words.iter().any(|known| known == word)
    }
}

impl Story {
    /// Reads a story; the error says which line can't be read.
    pub fn read(text: &str) -> Result<Story, String> {
        let mut story = Story { begins_ago: 0, lines: Vec::new() };
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let wrong = || format!("line {number} can't be read: {line}");
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(ago) = line.strip_prefix("begins ") {
                story.begins_ago = ago.strip_suffix(" ago").and_then(seconds).ok_or_else(wrong)?;
                continue;
            }
            story.lines.push(event(number, line).ok_or_else(wrong)?);
        }
        Ok(story)
    }
}

fn event(number: usize, line: &str) -> Option<Line> {
    let (head, text) = line.split_once(" | ").unwrap_or((line, ""));
    let mut words = split(head).into_iter();
    let at = offset(words.next()?.strip_prefix('+')?)?;
    let (who, verb) = (words.next()?, words.next()?);
    let mut event = Line { number, at, who, verb, text: text.to_owned(), ..Line::default() };
    for word in words {
        match word.split_once('=') {
            Some((key, value)) => {
                event.keys.insert(key.to_owned(), value.to_owned());
            }
            None => event.words.push(word),
        }
    }
    Some(event)
}

/// Words between blanks; quotes keep blanks and go away.
fn split(head: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in head.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// `1:02` or `1:02:03` in seconds.
pub fn offset(text: &str) -> Option<i64> {
    let parts = text.split(':').map(|part| part.parse::<i64>().ok()).collect::<Option<Vec<_>>>()?;
    match parts.as_slice() {
        [hours, minutes] => Some(hours * 3_600 + minutes * 60),
        [hours, minutes, seconds] => Some(hours * 3_600 + minutes * 60 + seconds),
        _ => None,
    }
}

/// `27h`, `41d`, `20m` in seconds.
pub fn seconds(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        _ => return None,
    };
    Some(number.parse::<i64>().ok()? * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_time_teller_what_pairs_and_text() {
        let story = Story::read(
            "# why\nbegins 27h ago\n\n+0:19:10 terminal command tomas exit=0 output=\"a b\" | ss -t | wc -l\n",
        )
        .unwrap();
        assert_eq!(story.begins_ago, 27 * 3_600);
        let line = &story.lines[0];
        assert_eq!((line.number, line.at), (4, 19 * 60 + 10));
        assert_eq!((line.who.as_str(), line.verb.as_str()), ("terminal", "command"));
        assert_eq!(line.words, ["tomas"]);
        assert_eq!(line.key("output"), Some("a b"));
        assert_eq!(line.text, "ss -t | wc -l");
    }

    #[test]
    fn what_can_not_be_read_is_named() {
        let refused = Story::read("begins 1h ago\nnonsense").unwrap_err();
        assert_eq!(refused, "line 2 can't be read: nonsense");
    }
}
