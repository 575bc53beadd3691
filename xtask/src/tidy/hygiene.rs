//! What must not be checked in: unfinished code, silenced lints, traces of a machine.

use std::path::Path;

use super::{Finding, Repository};

/// What Rust code must not hold, and what to do instead. Split, so that this file does not hold it.
const CODE: &[(&str, &str)] = &[
    (concat!("todo", "!("), "finish it"),
    (concat!("unimplemented", "!("), "finish it"),
    (concat!("dbg", "!("), "use tracing"),
    (concat!("#[al", "low("), "use #[expect(lint, reason = \"...\")]"),
    (concat!("#![al", "low("), "use #![expect(lint, reason = \"...\")]"),
];

/// Folders of this machine that no file may name: where the repository lies, and the person's home.
pub fn machine_folders(root: &Path) -> Vec<String> {
    let home = std::env::var("HOME").unwrap_or_default();
    let parent = root.parent().map(|parent| parent.display().to_string()).unwrap_or_default();
    let too_general = ["", "/", "/tmp", "/home", "/src", "/root", "/var", "/opt"];
    [root.display().to_string(), parent, home]
        .into_iter()
        .filter(|folder| !too_general.contains(&folder.as_str()))
        .map(|folder| format!("{folder}/"))
        .collect()
}

pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in &repository.files {
        let is_lock = path.ends_with("package-lock.json") || path.ends_with("npm-shrinkwrap.json");
        for (number, line) in text.lines().enumerate() {
            let mut find = |what: String| findings.push(Finding::new(path, number + 1, what));
            if path.ends_with(".rs")
                && let Some((code, instead)) = CODE.iter().find(|(code, _)| line.contains(code))
            {
                find(format!("`{code}`: {instead}"));
            }
            if is_lock && line.contains("\"resolved\"") {
                find("names a registry: npm install with omit-lockfile-registry-resolved".into());
            }
            if let Some(folder) = repository.machine.iter().find(|folder| names(line, folder)) {
                find(format!("names a folder of this machine: {folder}"));
            }
            if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
                find("is left over from a merge".into());
            }
        }
        if text.contains('\r') && !path.starts_with("testdata/") && !path.contains("/testdata/") {
            findings.push(Finding::new(path, 0, "has carriage returns"));
        }
    }
    findings
}

/// Whether a line names a folder, and not one that merely ends alike.
fn names(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::repository;

    #[track_caller]
    fn check_line(path: &str, line: &str, expected: &[&str]) {
        let mut repository = repository(&[(path, line)]);
        repository.machine = vec!["/home/kim/".into()];
        let found: Vec<_> = check(&repository).iter().map(|finding| finding.what.clone()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn hygiene() {
        check_line("a.rs", concat!("todo", "!()"), &[concat!("`todo", "!(`: finish it")]);
        check_line("a.md", concat!("todo", "!()"), &[]);
        check_line(
            "a.rs",
            concat!("#[al", "low(dead_code)]"),
            &[concat!("`#[al", "low(`: use #[expect(lint, reason = \"...\")]")],
        );
        check_line(
            "e2e/package-lock.json",
            "\"resolved\": \"x\"",
            &["names a registry: npm install with omit-lockfile-registry-resolved"],
        );
        check_line("a.txt", "see /home/kim/deadstick", &["names a folder of this machine: /home/kim/"]);
        check_line("a.txt", "see example.org/home/kim/deadstick", &[]);
        check_line("a.txt", "a\r\nb", &["has carriage returns"]);
        check_line("a.rs", "<<<<<<< main", &["is left over from a merge"]);
    }
}
