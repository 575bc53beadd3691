//! Pure crates: no clock, randomness, environment, files, network, async runtime.
//!
//! Their own `clippy.toml` names the calls that clippy refuses; this check sees that each has it,
//! and that none links a package by which it could get round it.

use serde_json::Value;

use super::arrows::members;
use super::{Finding, Repository};

const PURE: &[&str] = &["fact", "incident", "insight", "intake", "api", "ruleset"];

/// What a pure crate may link from outside.
const PACKAGES: &[&str] =
    &["hmac", "jiff", "regex", "schemars", "serde", "serde_json", "sha2", "subtle", "thiserror", "uuid"];

/// The bans, word for word the same in every pure crate: clippy reads the nearest file only.
const MASTER: &str = "crates/fact/clippy.toml";

pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    let master = repository.files.get(MASTER);
    for name in PURE {
        let path = format!("crates/{name}/clippy.toml");
        if repository.files.get(&path) != master || master.is_none() {
            findings.push(Finding::new(
                &path,
                0,
                format!("must be there and equal {MASTER}: it holds the bans of pure crates"),
            ));
        }
    }
    for package in members(&repository.metadata) {
        let name = package["name"].as_str().unwrap_or_default();
        if !PURE.contains(&name) {
            continue;
        }
        for dependency in package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let on = dependency["name"].as_str().unwrap_or_default();
            let is_foreign = dependency["path"] == Value::Null;
            if is_foreign && dependency["kind"] != "dev" && !PACKAGES.contains(&on) {
                findings.push(Finding::new(
                    name,
                    0,
                    format!("is pure and may not depend on `{on}` (xtask/src/tidy/pure.rs)"),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tidy::testing::repository;

    #[test]
    fn bans() {
        let all: Vec<String> = PURE.iter().map(|name| format!("crates/{name}/clippy.toml")).collect();
        let files: Vec<(&str, &str)> = all.iter().map(|path| (path.as_str(), "bans")).collect();
        let mut repository = repository(&files);
        let package = |on: &str, kind: Option<&str>| {
            json!({"workspace_members": ["fact"], "packages": [
                {"id": "fact", "name": "fact", "dependencies": [{"name": on, "kind": kind}]}]})
        };
        repository.metadata = package("serde", None);
        assert_eq!(check(&repository), []);
        repository.metadata = package("proptest", Some("dev"));
        assert_eq!(check(&repository), []);
        repository.metadata = package("tokio", None);
        assert_eq!(check(&repository).len(), 1);
        repository.metadata = Value::Null;
        repository.files.insert("crates/api/clippy.toml".into(), "fewer".into());
        assert_eq!(check(&repository).len(), 1);
        repository.files.remove("crates/api/clippy.toml");
        assert_eq!(check(&repository).len(), 1);
    }
}
