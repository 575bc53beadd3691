//! Which crate may depend on which of ours. DESIGN in one table: anything else is refused.

use serde_json::Value;

use super::{Finding, Repository};

/// Crate, what it may use, what only its tests may use besides.
const ARROWS: &[(&str, &[&str], &[&str])] = &[
    ("fact", &[], &[]),
    ("incident", &["fact"], &[]),
    ("insight", &["fact", "incident"], &[]),
    ("intake", &["fact"], &[]),
    // A command *is* its own wire format: one vocabulary (docs/decisions/0002).
    ("api", &["fact", "incident"], &[]),
    ("spool", &["fact"], &[]),
    ("store", &["fact"], &[]),
    ("store-sqlite", &["fact", "store"], &[]),
    ("server", &["api", "fact", "incident", "insight", "intake", "store"], &["store-sqlite", "testkit"]),
    (
        "deadstick",
        &["api", "fact", "incident", "insight", "intake", "server", "spool", "store", "store-sqlite"],
        &["testkit"],
    ),
    ("ruleset", &[], &[]),
    ("firewall", &["fact", "ruleset", "spool"], &["testkit"]),
    ("testkit", &["api", "fact", "incident", "server", "store", "store-sqlite"], &[]),
    ("xtask", &[], &[]),
];

/// Our own crates, as cargo tells them.
pub fn members(metadata: &Value) -> Vec<&Value> {
    let members: Vec<&str> = metadata["workspace_members"]
        .as_array()
        .map(|ids| ids.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    packages.iter().filter(|package| package["id"].as_str().is_some_and(|id| members.contains(&id))).collect()
}

pub fn check(repository: &Repository) -> Vec<Finding> {
    let members = members(&repository.metadata);
    let names: Vec<&str> = members.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut findings = Vec::new();
    for package in members {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, may, in_tests)) = ARROWS.iter().find(|(of, ..)| *of == name) else {
            findings.push(Finding::new(
                name,
                0,
                "the table of arrows (xtask/src/tidy/arrows.rs) does not name this crate",
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let on = dependency["name"].as_str().unwrap_or_default();
            let is_test = dependency["kind"] == "dev";
            // A crate may switch on features of its own port in its tests.
            let is_allowed = may.contains(&on) || is_test && in_tests.contains(&on);
            if names.contains(&on) && !is_allowed {
                let how = if is_test { "in tests " } else { "" };
                findings.push(Finding::new(
                    name,
                    0,
                    format!("may not depend {how}on `{on}` (ARCHITECTURE.md, arrows)"),
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

    #[track_caller]
    fn check_arrow(from: &str, to: &str, kind: Option<&str>, expected: &[&str]) {
        let package =
            |name: &str, dependencies: Value| json!({"id": name, "name": name, "dependencies": dependencies});
        let metadata = json!({
            "workspace_members": [from, to],
            "packages": [
                package(from, json!([{"name": to, "kind": kind}, {"name": "serde", "kind": null}])),
                package(to, json!([])),
                package("serde", json!([])),
            ],
        });
        let repository = Repository { metadata, ..Repository::default() };
        let found: Vec<_> = check(&repository).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn arrows() {
        check_arrow("incident", "fact", None, &[]);
        check_arrow(
            "fact",
            "incident",
            None,
            &["fact: may not depend on `incident` (ARCHITECTURE.md, arrows)"],
        );
        check_arrow("server", "store-sqlite", Some("dev"), &[]);
        check_arrow(
            "server",
            "store-sqlite",
            None,
            &["server: may not depend on `store-sqlite` (ARCHITECTURE.md, arrows)"],
        );
        check_arrow(
            "spool",
            "testkit",
            Some("dev"),
            &["spool: may not depend in tests on `testkit` (ARCHITECTURE.md, arrows)"],
        );
        check_arrow(
            "fact",
            "oddity",
            None,
            &[
                "fact: may not depend on `oddity` (ARCHITECTURE.md, arrows)",
                "oddity: the table of arrows (xtask/src/tidy/arrows.rs) does not name this crate",
            ],
        );
    }
}
