//! Files stay short: one idea each.

use super::{Finding, Repository};

/// From here on a warning.
const SOFT: usize = 600;
/// From here on refused.
const HARD: usize = 1_000;

pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in repository.ending(&[".rs", ".mjs", ".js", ".css", ".html", ".md", ".sql"]) {
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
        assert_eq!(
            findings(
                check,
                &[("a.rs", &good), ("b.rs", &long), ("c.css", &longer), ("web/vendor/d.js", &longer)]
            ),
            [
                "warning: b.rs: has 601 lines, more than 600",
                "c.css: has 1001 lines, more than 1000: split it by idea"
            ]
        );
    }
}
