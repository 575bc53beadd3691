//! Every command line that a document shows is one that the program takes: its verb and its options
//! stand in the reference, which is made from the program.

use std::collections::BTreeMap;

use super::{Finding, Repository};

/// Made from the verbs themselves: a heading for each, its help below.
pub const REFERENCE: &str = "docs/cli.md";

pub fn check(repository: &Repository) -> Vec<Finding> {
    let Some(reference) = repository.files.get(REFERENCE) else {
        return vec![Finding::new(REFERENCE, 0, "is missing")];
    };
    let sections = sections(reference);
    let mut findings = Vec::new();
    for (path, text) in repository.ending(&[".md"]).filter(|(path, _)| *path != REFERENCE) {
        for (line, command) in commands(text) {
            if let Err(what) = fits(&sections, command) {
                findings.push(Finding::new(path, line, format!("`{command}`: {what}")));
            }
        }
    }
    findings
}

/// For packaging: not in the reference that it makes.
const HIDDEN: &str = "deadstick manual";

/// The help of each verb, by the words that call it.
fn sections(reference: &str) -> BTreeMap<&str, &str> {
    reference
        .split("\n## ")
        .filter_map(|section| section.split_once('\n'))
        .filter(|(heading, _)| heading.starts_with("deadstick"))
        .collect()
}

/// Command lines in fenced code and in code spans, with their lines.
fn commands(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut is_fenced = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        }
        let pieces: Vec<&str> = if is_fenced {
            vec![line.split(" #").next().unwrap_or(line)]
        } else {
            line.split('`').skip(1).step_by(2).collect()
        };
        let calls = pieces.into_iter().map(str::trim).filter(|piece| is_call(piece));
        found.extend(calls.map(|call| (number + 1, call)));
    }
    found
}

/// `deadstick` with a verb or an option after it; drawings have something else there.
fn is_call(piece: &str) -> bool {
    let rest = piece.strip_prefix("deadstick ");
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-'))
}

fn fits(sections: &BTreeMap<&str, &str>, command: &str) -> Result<(), String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    // `deadstick people add kim`: the longest beginning that is a verb.
    let verb = (1..=words.len().min(3))
        .rev()
        .map(|n| words[..n].join(" "))
        .find(|verb| sections.contains_key(verb.as_str()));
    let Some(verb) = verb.filter(|verb| verb != "deadstick" || words[1].starts_with("--")) else {
        let is_known = command.starts_with(HIDDEN) || ["help", "VERB"].contains(&words[1]);
        return if is_known { Ok(()) } else { Err("the reference has no such verb".into()) };
    };
    let help = sections[verb.as_str()];
    for word in words.iter().filter(|word| word.starts_with("--") && word.len() > 2) {
        let option = word.split('=').next().unwrap_or(word).trim_end_matches([',', '.', ';']);
        let is_known = help
            .match_indices(option)
            .any(|(at, _)| !help[at + option.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '-'));
        if !is_known {
            return Err(format!("`{verb}` has no option {option}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::findings;

    const SAMPLE: &str = "# R\n\n## deadstick\n\n  --version\n\n## deadstick did\n\n  --at <TIME>\n  --temporary\n\n## deadstick people\n\n## deadstick people add\n\n  --role\n";

    #[track_caller]
    fn check_text(text: &str, expected: &[&str]) {
        assert_eq!(findings(check, &[(REFERENCE, SAMPLE), ("docs/g.md", text)]), expected);
    }

    #[test]
    fn commands() {
        for good in [
            "`deadstick did x --at 10m`",
            "```\ndeadstick people add kim --role admin   # --nonsense\n```",
            "`deadstick --version`, `deadstick people`, `deadstick help did`",
            "deadstick dances --badly",
            "```\ndeadstick ─> server\n```",
        ] {
            check_text(good, &[]);
        }
        check_text(
            "`deadstick dances`",
            &["docs/g.md:1: `deadstick dances`: the reference has no such verb"],
        );
        check_text(
            "a\n```\ndeadstick did --temp x\n```",
            &["docs/g.md:3: `deadstick did --temp x`: `deadstick did` has no option --temp"],
        );
        check_text(
            "`deadstick people add --at 10m`",
            &["docs/g.md:1: `deadstick people add --at 10m`: `deadstick people add` has no option --at"],
        );
    }
}
