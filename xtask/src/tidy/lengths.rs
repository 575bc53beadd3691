//! Files stay short: one idea each.

use super::{Finding, Repository};

/// From here on a warning.
const SOFT: usize = 600;
/// From here on refused.
const HARD: usize = 1_000;

/// What is made from the code is as long as it is: its head says so.
fn is_derived(text: &str) -> bool {
    text.lines().take(6).any(|line| line.contains("made by `") || line.contains("Made by `"))
}

pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in repository.ending(&[".rs", ".mjs", ".js", ".css", ".html", ".md", ".sql"]) {
        if is_derived(text) {
            continue;
        }
        match text.lines().count() {
            lines if lines > HARD => {
                findings.push(Finding::new(
                    path,
                    0,
                    format!("has {lines} lines, more than {HARD}: split it by idea"),
                ));
            }
            lines if lines > SOFT => {
                findings.push(Finding::warning(path, 0, format!("has {lines} lines, more than {SOFT}")));
            }
            _ => {}
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::findings;

    #[test]
    fn lengths() {
        let lines = |n: usize| "x\n".repeat(n);
        let (good, long, longer) = (lines(600), lines(601), lines(1001));
        let derived = format!("# Reference\n\nMade by `program`.\n{longer}");
        assert_eq!(
            findings(
                check,
                &[
                    ("a.rs", &good),
                    ("b.rs", &long),
                    ("c.css", &longer),
                    ("d.md", &derived),
                    ("web/vendor/d.js", &longer)
                ]
            ),
            [
                "warning: b.rs: has 601 lines, more than 600",
                "c.css: has 1001 lines, more than 1000: split it by idea"
            ]
        );
    }
}
