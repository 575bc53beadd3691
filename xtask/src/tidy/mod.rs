//! The repository's own rules as checks. Each can fail: its tests show how.

mod arrows;
mod commands;
mod docs;
mod headers;
mod hygiene;
mod lengths;
mod links;
mod packages;
mod pure;
mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

use crate::steps::{Outcome, Program, Steps};
use crate::tally::Tally;

/// A rule that is broken, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    path: String,
    line: usize,
    what: String,
    is_warning: bool,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Finding { path: path.into(), line, what: what.into(), is_warning: false }
    }

    fn warning(path: &str, line: usize, what: impl Into<String>) -> Self {
        Finding { is_warning: true, ..Finding::new(path, line, what) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.is_warning { "warning: " } else { "" };
        match self.line {
            0 => write!(f, "{word}{}: {}", self.path, self.what),
            line => write!(f, "{word}{}:{line}: {}", self.path, self.what),
        }
    }
}

/// What the checks look at: texts by path, and what cargo knows.
#[derive(Debug, Default)]
pub struct Repository {
    /// Text files by path relative to the root; a binary file is there with an empty text.
    files: BTreeMap<String, String>,
    /// `cargo metadata`.
    metadata: Value,
    /// Folders of this very machine, which no file may name.
    machine: Vec<String>,
}

impl Repository {
    /// Reads what git tracks or would track.
    fn read(root: &Path) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        for path in tracked(root) {
            // A file that was removed but is still in the index has no text.
            if let Ok(bytes) = std::fs::read(root.join(&path)) {
                files.insert(path, String::from_utf8(bytes).unwrap_or_default());
            }
        }
        let words = ["cargo", "metadata", "--locked", "--format-version=1"];
        let text = Program::new(root, &words)
            .output()
            .ok_or("cargo metadata --locked failed: is Cargo.lock up to date?")?;
        let metadata = serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
        Ok(Repository { files, metadata, machine: hygiene::machine_folders(root) })
    }

    /// The files whose name ends so.
    fn ending<'a>(&'a self, ends: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(path, _)| ends.iter().any(|end| path.ends_with(end)))
            .filter(|(path, _)| !path.contains("/vendor/"))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

/// The paths that git tracks or would track, relative to the root.
pub fn tracked(root: &Path) -> Vec<String> {
    let words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let text = Program::new(root, &words).output().unwrap_or_default();
    text.split('\0').filter(|path| !path.is_empty()).map(String::from).collect()
}

/// A check, by name.
type Check = (&'static str, fn(&Repository) -> Vec<Finding>);

const CHECKS: &[Check] = &[
    ("arrows between crates", arrows::check),
    ("packages and licences", packages::check),
    ("pure crates", pure::check),
    ("headers", headers::check),
    ("file lengths", lengths::check),
    ("words", words::check),
    ("links", links::check),
    ("documents", docs::check),
    ("commands in documents", commands::check),
    ("hygiene", hygiene::check),
];

/// All checks as one step: each is counted as a test.
pub fn step(root: &Path) -> Outcome {
    let repository = match Repository::read(root) {
        Ok(repository) => repository,
        Err(what) => {
            println!("{what}");
            return Outcome::Failed(Tally::default());
        }
    };
    let mut tally = Tally::default();
    for (name, check) in CHECKS {
        let mut findings = check(&repository);
        findings.sort();
        findings.iter().for_each(|finding| println!("{finding}"));
        if findings.iter().all(|finding| finding.is_warning) {
            tally.passed += 1;
        } else {
            println!("tidy: {name}: not held");
            tally.failed += 1;
        }
    }
    if tally.failed == 0 { Outcome::Passed(tally) } else { Outcome::Failed(tally) }
}

/// `cargo xtask tidy`.
pub fn run(root: &Path) -> ExitCode {
    let mut steps = Steps::default();
    steps.step("Tidy", || step(root));
    steps.finish()
}

#[cfg(test)]
mod testing {
    use super::*;

    /// A repository of these files.
    pub fn repository(files: &[(&str, &str)]) -> Repository {
        let files = files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
        Repository { files, ..Repository::default() }
    }

    /// What a check finds in these files, one line each.
    pub fn findings(check: fn(&Repository) -> Vec<Finding>, files: &[(&str, &str)]) -> Vec<String> {
        let mut found = check(&repository(files));
        found.sort();
        found.iter().map(ToString::to_string).collect()
    }
}
