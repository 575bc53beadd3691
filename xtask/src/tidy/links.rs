//! Every link inside the documents leads somewhere.

use std::collections::BTreeSet;

use super::{Finding, Repository};

pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in repository.ending(&[".md"]) {
        for (line, target) in targets(text) {
            let is_outside = target.contains("://") || target.starts_with("mailto:");
            if !is_outside && let Err(what) = resolve(repository, path, &target) {
                findings.push(Finding::new(
                    path,
                    line,
                    format!("the link to `{target}` leads nowhere: {what}"),
                ));
            }
        }
    }
    findings
}

/// The targets of `[text](target)` outside of code, with their lines.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut is_code = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        // Every second piece between back quotes is code.
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for piece in prose.split("](").skip(1) {
            let Some((target, _)) = piece.split_once(')') else { continue };
            found.push((number + 1, target.split(" \"").next().unwrap_or(target).to_owned()));
        }
    }
    found
}

fn resolve(repository: &Repository, from: &str, target: &str) -> Result<(), String> {
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let path =
        if file.is_empty() { from.to_owned() } else { joined(from, file).ok_or("outside the repository")? };
    let folder = format!("{}/", path.trim_end_matches('/'));
    let Some(text) = repository.files.get(&path) else {
        let is_folder = repository.files.keys().any(|known| known.starts_with(&folder));
        return if is_folder { Ok(()) } else { Err("no such file".into()) };
    };
    match anchor {
        Some(anchor) if path.ends_with(".md") && !anchors(text).contains(anchor) => {
            Err("no such heading".into())
        }
        _ => Ok(()),
    }
}

/// A path beside another one.
fn joined(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What the headings are called in links: lower case, words joined by hyphens.
fn anchors(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::findings;

    #[test]
    fn links() {
        let readme = "# A b: c!\n[a](docs/x.md) [b](docs/x.md#two-words) [c](#a-b-c) [d](docs) ![e](e.png)\n\
            [out](https://example.org) `[code](nowhere)`\n```\n[code](nowhere)\n```\n";
        let files =
            [("README.md", readme), ("docs/x.md", "# Two words\n[up](../README.md)\n"), ("e.png", "")];
        assert_eq!(findings(check, &files), [""; 0]);
        let broken = "[a](y.md) [b](x.md#three)\n[c](../../etc)\n";
        assert_eq!(
            findings(check, &[("docs/z.md", broken), ("docs/x.md", "# two\n")]),
            [
                "docs/z.md:1: the link to `x.md#three` leads nowhere: no such heading",
                "docs/z.md:1: the link to `y.md` leads nowhere: no such file",
                "docs/z.md:2: the link to `../../etc` leads nowhere: outside the repository",
            ]
        );
    }
}
