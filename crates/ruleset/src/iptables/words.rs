//! The words of a rule, split and quoted exactly as iptables-restore and iptables-save do.

use std::borrow::Cow;

/// A word of a rule.
#[derive(Clone, Debug)]
pub(super) struct Word<'a> {
    /// Without quotes and escapes.
    pub text: Cow<'a, str>,
    /// Was any of it in quotes? Then it is a value, however it begins.
    pub is_quoted: bool,
    /// Where it begins in the text.
    pub start: usize,
    /// Where it ends in the text.
    pub end: usize,
}

impl Word<'_> {
    /// Is it the sign of a negation?
    pub fn is_not(&self) -> bool {
        !self.is_quoted && self.text == "!"
    }

    /// Does it begin an option?
    pub fn is_option(&self) -> bool {
        !self.is_quoted && self.text.len() > 1 && self.text.starts_with('-')
    }
}

/// Splits a text into `words`, which is cleared first so that one list serves many rules.
///
/// A closing quote ends the word, a backslash counts within quotes only: so does `add_param_to_argv` of iptables 1.8.9.
pub(super) fn split<'a>(text: &'a str, words: &mut Vec<Word<'a>>) {
    words.clear();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if is_space(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && !is_space(bytes[at]) && bytes[at] != b'"' {
            at += 1;
        }
        if bytes.get(at) != Some(&b'"') {
            words.push(Word { text: Cow::Borrowed(&text[start..at]), is_quoted: false, start, end: at });
            continue;
        }
        let (content, end) = quoted(text, at + 1);
        let whole = if start == at { content } else { Cow::Owned(format!("{}{content}", &text[start..at])) };
        words.push(Word { text: whole, is_quoted: true, start, end });
        at = end;
    }
}

/// What stands between quotes, from behind the opening one; and where the closing one ends.
fn quoted(text: &str, start: usize) -> (Cow<'_, str>, usize) {
    let bytes = text.as_bytes();
    let plain = bytes[start..].iter().position(|byte| matches!(byte, b'"' | b'\\'));
    match plain {
        None => return (Cow::Borrowed(&text[start..]), bytes.len()),
        Some(length) if bytes[start + length] == b'"' => {
            return (Cow::Borrowed(&text[start..start + length]), start + length + 1);
        }
        Some(_) => {}
    }
    let mut content = String::new();
    let mut characters = text[start..].char_indices();
    while let Some((offset, character)) = characters.next() {
        match character {
            '"' => return (Cow::Owned(content), start + offset + 1),
            '\\' => content.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => content.push(character),
        }
    }
    (Cow::Owned(content), bytes.len())
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n')
}

/// Appends a word as iptables-save prints a text: in quotes unless it is letters, digits, `-` and `_` only.
pub fn push_text(out: &mut String, text: &str) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !text.is_empty() && text.bytes().all(is_plain) {
        out.push_str(text);
        return;
    }
    push_quoted(out, text);
}

/// Appends a word so that it is read back the same: in quotes only where it must be.
pub(super) fn push_word(out: &mut String, word: &Word<'_>) {
    let needs_quotes = |byte: u8| is_space(byte) || byte == b'"';
    let is_value = word.is_quoted && (word.text.starts_with('-') || word.text == "!");
    if word.text.is_empty() || is_value || word.text.bytes().any(needs_quotes) {
        push_quoted(out, &word.text);
    } else {
        out.push_str(&word.text);
    }
}

fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\' | '\'') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut words = Vec::new();
        split(text, &mut words);
        let found: Vec<&str> = words.iter().map(|word| word.text.as_ref()).collect();
        assert_eq!(found, expected, "{text}");
        let mut again = String::new();
        for word in &words {
            push_word(&mut again, word);
            again.push(' ');
        }
        let mut second = Vec::new();
        split(&again, &mut second);
        let found: Vec<&str> = second.iter().map(|word| word.text.as_ref()).collect();
        assert_eq!(found, expected, "{text} written as {again}");
    }

    #[test]
    fn words_are_split_as_iptables_restore_does() {
        check("-p tcp  -j\tACCEPT ", &["-p", "tcp", "-j", "ACCEPT"]);
        check(r#"--comment "a \"b\" \\ c" -j X"#, &["--comment", r#"a "b" \ c"#, "-j", "X"]);
        check(r#"--comment "" -j X"#, &["--comment", "", "-j", "X"]);
        check(r#"--comment "-j DROP" -j X"#, &["--comment", "-j DROP", "-j", "X"]);
        check(r#"--comment ab"c d"e -j X"#, &["--comment", "abc d", "e", "-j", "X"]);
        check(r"--comment a\b 'c d'", &["--comment", r"a\b", "'c", "d'"]);
        check(r#"--comment "never closed -j X"#, &["--comment", "never closed -j X"]);
        check(r#"--comment "ends in \"#, &["--comment", "ends in "]);
        check("--comment \"größe \u{1f525}\"", &["--comment", "größe \u{1f525}"]);
    }

    #[test]
    fn texts_are_quoted_as_iptables_save_does() {
        let written = |text: &str| {
            let mut out = String::new();
            push_text(&mut out, text);
            out
        };
        assert_eq!(written("plain-text_1"), "plain-text_1");
        assert_eq!(written("a b"), "\"a b\"");
        assert_eq!(written("it's"), r#""it\'s""#);
        assert_eq!(written(""), "\"\"");
    }
}
