//! The documents are there, and tell of every verb of the command line.

use super::commands::REFERENCE;
use super::{Finding, Repository};

const DOCUMENTS: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "STYLE.md",
    "docs/formats/fact.md",
    "docs/glossary.md",
];

/// Where the verbs are: the variants of `enum Verb`.
const VERBS: &str = "crates/deadstick/src/cli.rs";

pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings: Vec<Finding> = DOCUMENTS
        .iter()
        .filter(|path| !repository.files.contains_key(**path))
        .map(|path| Finding::new(path, 0, "is missing"))
        .collect();
    let Some(source) = repository.files.get(VERBS) else {
        findings.push(Finding::new(VERBS, 0, "is missing: it holds the verbs"));
        return findings;
    };
    let verbs = verbs(source);
    if verbs.is_empty() {
        findings.push(Finding::new(VERBS, 0, "has no `pub enum Verb` with variants"));
    }
    // The reference is made from the verbs: it tells of all of them, and of none why one wants it.
    let written: Vec<&str> =
        repository.ending(&[".md"]).filter(|(path, _)| *path != REFERENCE).map(|(_, text)| text).collect();
    for verb in verbs {
        let is_told = written.iter().any(|text| tells(text, &verb));
        if !is_told {
            findings.push(Finding::new(VERBS, 0, format!("no document tells of `deadstick {verb}`")));
        }
    }
    for (path, text) in repository.ending(&[".md"]).filter(|(path, _)| path.starts_with("docs/decisions/")) {
        if !path.ends_with("README.md") && !text.contains("\n## Why\n") {
            findings.push(Finding::new(path, 0, "has no section `Why`: a record without its reason is none"));
        }
    }
    findings
}

/// `deadstick VERB` as words of their own.
fn tells(text: &str, verb: &str) -> bool {
    let wanted = format!("deadstick {verb}");
    text.match_indices(&wanted).any(|(at, _)| {
        let after = text[at + wanted.len()..].chars().next();
        !after.is_some_and(|c| c.is_alphanumeric() || c == '-')
    })
}

/// The variants of `enum Verb` as they are typed: `SameAs` is `same-as`.
fn verbs(source: &str) -> Vec<String> {
    let Some((_, rest)) = source.split_once("pub enum Verb {") else { return Vec::new() };
    let body = rest.split("\n}").next().unwrap_or_default();
    body.lines()
        .map(str::trim)
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .filter_map(|line| line.split(|c: char| !c.is_alphanumeric()).next())
        .map(|variant| {
            let mut verb = String::new();
            for letter in variant.chars() {
                if letter.is_uppercase() && !verb.is_empty() {
                    verb.push('-');
                }
                verb.extend(letter.to_lowercase());
            }
            verb
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::findings;

    #[test]
    fn verbs_are_told_of() {
        let source = "pub enum Verb {\n    /// Run\n    #[command(hide = true)]\n    Serve(verb::Serve),\n    SameAs(x::Y),\n    Now,\n}\nFoo";
        assert_eq!(verbs(source), ["serve", "same-as", "now"]);
        let guide = "`deadstick serve`, deadstick same-as; deadstick nowhere";
        let mut files: Vec<(&str, &str)> = DOCUMENTS.iter().map(|path| (*path, "")).collect();
        files.extend([(VERBS, source), ("docs/guide.md", guide), (REFERENCE, "deadstick now")]);
        assert_eq!(
            findings(check, &files),
            ["crates/deadstick/src/cli.rs: no document tells of `deadstick now`"]
        );
        files.retain(|(path, _)| *path != "SECURITY.md");
        files.extend([("docs/guide2.md", "deadstick now"), ("docs/decisions/0001-x.md", "# x\n")]);
        assert_eq!(
            findings(check, &files),
            [
                "SECURITY.md: is missing",
                "docs/decisions/0001-x.md: has no section `Why`: a record without its reason is none",
            ]
        );
    }
}
