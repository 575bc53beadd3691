//! Every crate says what it is: a description, a `//!` header, the workspace's lints.

use super::{Finding, Repository};

pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, manifest) in repository.ending(&["/Cargo.toml"]) {
        // Fuzz targets are a workspace of their own, and programs each.
        if manifest.contains("cargo-fuzz = true") {
            continue;
        }
        let line = |wanted: &str| manifest.lines().any(|line| line.trim().starts_with(wanted));
        if !line("description = \"") {
            findings.push(Finding::new(path, 0, "has no description"));
        }
        if !manifest.contains("[lints]\nworkspace = true") {
            findings.push(Finding::new(path, 0, "does not take the workspace's lints"));
        }
        let folder = path.trim_end_matches("Cargo.toml");
        let roots = ["src/lib.rs", "src/main.rs"].map(|root| format!("{folder}{root}"));
        let found: Vec<_> =
            roots.iter().filter_map(|root| Some((root, repository.files.get(root)?))).collect();
        if found.is_empty() {
            findings.push(Finding::new(path, 0, "has neither src/lib.rs nor src/main.rs"));
        }
        for (root, text) in found {
            let header = text.lines().next().and_then(|line| line.strip_prefix("//! ")).unwrap_or_default();
            // "//! api" is a place holder: a sentence ends with a full stop.
            if !header.ends_with(['.', ':', ';', ',']) && !header.contains(' ') {
                findings.push(Finding::new(
                    root,
                    1,
                    "must begin with a `//!` header that says what the crate is",
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::findings;

    #[test]
    fn headers() {
        let good = "[package]\ndescription = \"A thing.\"\n[lints]\nworkspace = true\n";
        let none: &[&str] = &[];
        assert_eq!(
            findings(check, &[("crates/a/Cargo.toml", good), ("crates/a/src/lib.rs", "//! What it is.\n")]),
            none
        );
        assert_eq!(
            findings(check, &[("crates/a/Cargo.toml", "[package]\n"), ("crates/a/src/lib.rs", "//! a\n")]),
            [
                "crates/a/Cargo.toml: does not take the workspace's lints",
                "crates/a/Cargo.toml: has no description",
                "crates/a/src/lib.rs:1: must begin with a `//!` header that says what the crate is",
            ]
        );
        assert_eq!(findings(check, &[("fuzz/Cargo.toml", "[package.metadata]\ncargo-fuzz = true\n")]), none);
        assert_eq!(
            findings(check, &[("crates/a/Cargo.toml", good)]),
            ["crates/a/Cargo.toml: has neither src/lib.rs nor src/main.rs"]
        );
    }
}
