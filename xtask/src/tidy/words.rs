//! One word for one thing: the words that docs/glossary.md rules out are not used.

use super::{Finding, Repository};

/// Where the words are listed.
const GLOSSARY: &str = "docs/glossary.md";
/// The heading of the table in it.
const HEADING: &str = "## Words that are not used";
/// Where a word may stand because it is explained there, or the word of somebody else's format.
const MARK: &str = "tidy: foreign word";
/// As above for a whole file, with the word after it.
const MARK_FILE: &str = "tidy: foreign word in this file: ";
/// Names of modules that say nothing.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "misc"];

pub fn check(repository: &Repository) -> Vec<Finding> {
    let Some(glossary) = repository.files.get(GLOSSARY) else {
        return vec![Finding::new(GLOSSARY, 0, "is missing")];
    };
    let words = unwanted(glossary);
    if words.is_empty() {
        return vec![Finding::new(GLOSSARY, 0, format!("has no table under `{HEADING}`"))];
    }
    let mut findings = Vec::new();
    for (path, text) in
        repository.ending(&[".rs", ".mjs", ".js", ".css", ".html", ".sql", ".md", ".txt", ".story"])
    {
        if is_exempt(path) {
            continue;
        }
        let stem = path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
        if path.ends_with(".rs") && EMPTY_NAMES.contains(&stem) {
            findings.push(Finding::new(path, 0, format!("`{stem}` says nothing: name it by what it holds")));
        }
        let foreign: Vec<&str> =
            text.lines().filter_map(|line| Some(line.split_once(MARK_FILE)?.1)).collect();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.contains(MARK)) {
            let plain = spaced(line);
            let is_ours = |word: &str| !foreign.contains(&word) && plain.contains(&format!(" {word} "));
            for (word, instead) in words.iter().filter(|(word, _)| is_ours(word)) {
                findings.push(Finding::new(path, number + 1, format!("`{word}` is not our word: {instead}")));
            }
        }
    }
    findings
}

/// The glossary explains them, and these tests try them.
fn is_exempt(path: &str) -> bool {
    path == GLOSSARY || path.starts_with("docs/decisions/") || path.starts_with("xtask/src/tidy/")
}

/// The rows of the table: the word, and what to say instead.
fn unwanted(glossary: &str) -> Vec<(String, String)> {
    let table = glossary.split_once(HEADING).map_or("", |(_, rest)| rest);
    let table = table.split("\n## ").next().unwrap_or_default();
    table
        .lines()
        .filter_map(|line| line.strip_prefix('|')?.split_once('|'))
        .filter(|(word, _)| !word.contains("---") && !word.trim().eq_ignore_ascii_case("word"))
        .map(|(word, instead)| {
            (word.trim().to_lowercase(), instead.trim().trim_end_matches('|').trim().into())
        })
        .collect()
}

/// A line as lower-case words: `rootCause`, `root_cause` and `root-cause` are `root cause`.
fn spaced(line: &str) -> String {
    let mut text = String::from(" ");
    let mut was_lower = false;
    for letter in line.chars() {
        if letter.is_uppercase() && was_lower {
            text.push(' ');
        }
        was_lower = letter.is_lowercase();
        if letter.is_alphanumeric() {
            text.extend(letter.to_lowercase());
        } else if !text.ends_with(' ') {
            text.push(' ');
        }
    }
    text.push(' ');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::findings;

    const SAMPLE: &str = "# G\n## Words that are not used\n\n| Word | Instead |\n| --- | --- |\n| root cause | factor |\n| gizmo | thing |\n\n## More\n| fine | fine |\n";

    #[track_caller]
    fn check_line(line: &str, expected: &[&str]) {
        assert_eq!(findings(check, &[(GLOSSARY, SAMPLE), ("crates/a/src/x.rs", line)]), expected);
    }

    #[test]
    fn words() {
        let found = ["crates/a/src/x.rs:1: `root cause` is not our word: factor"];
        for line in
            ["root cause", "let root_cause = 1;", "rootCause", "class=\"root-cause\"", "fn RootCause()"]
        {
            check_line(line, &found);
        }
        for line in
            ["the root; cause", "gizmology", "fine", "grass root causes", "root_cause // tidy: foreign word"]
        {
            let expected: &[&str] = if line.starts_with("the root;") { &found } else { &[] };
            check_line(line, expected);
        }
    }

    #[test]
    fn a_file_may_quote_one_word() {
        let text = "// tidy: foreign word in this file: gizmo\ngizmo\nroot cause\n";
        check_line(text, &["crates/a/src/x.rs:3: `root cause` is not our word: factor"]);
    }

    #[test]
    fn names_that_say_nothing() {
        assert_eq!(
            findings(check, &[(GLOSSARY, SAMPLE), ("crates/a/src/helpers.rs", "")]),
            ["crates/a/src/helpers.rs: `helpers` says nothing: name it by what it holds"]
        );
    }

    #[test]
    fn a_glossary_without_the_table_fails() {
        assert_eq!(findings(check, &[]), ["docs/glossary.md: is missing"]);
        assert_eq!(
            findings(check, &[(GLOSSARY, "# G\n")]),
            ["docs/glossary.md: has no table under `## Words that are not used`"]
        );
    }
}
