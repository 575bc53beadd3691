//! What comes from outside: licences that we can ship, and one of each kind of stack.

use serde_json::Value;

use super::{Finding, Repository};

/// A package's licence must offer at least one of these for every part of it.
const LICENCES: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "0BSD",
    "Zlib",
    "Unlicense",
    "CC0-1.0",
    "Unicode-3.0",
    "CDLA-Permissive-2.0",
    "MPL-2.0",
    "BSL-1.0",
    "MIT-0",
];

/// Packages that bring a second stack, or a build that not every machine can do; and what is there instead.
const UNWANTED: &[(&str, &str)] = &[
    ("openssl-sys", "rustls with ring is the one TLS stack"),
    ("native-tls", "rustls with ring is the one TLS stack"),
    ("aws-lc-sys", "rustls with ring is the one TLS stack"),
    ("cmake", "a build needs a C compiler and nothing else"),
    ("bindgen", "a build needs a C compiler and nothing else"),
    ("reqwest", "ureq is the one HTTP client"),
    ("chrono", "jiff is the one calendar"),
    ("sqlx", "rusqlite is the one SQLite binding (docs/decisions/0001)"),
];

pub fn check(repository: &Repository) -> Vec<Finding> {
    let packages = repository.metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut findings = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        if let Some((_, why)) = UNWANTED.iter().find(|(unwanted, _)| *unwanted == name) {
            findings.push(Finding::new("Cargo.lock", 0, format!("`{name}` is in the tree: {why}")));
        }
        let licence = package["license"].as_str().unwrap_or_default();
        let is_ours = package["source"] == Value::Null;
        if !is_ours && !is_shippable(licence) {
            findings.push(Finding::new(
                "Cargo.lock",
                0,
                format!("`{name}` is under `{licence}`, which is not in the list"),
            ));
        }
    }
    findings
}

/// Reads an SPDX expression: `A OR (B AND C)`; old ones write `A/B`.
fn is_shippable(expression: &str) -> bool {
    let words = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut reader = Expression { words: &words };
    reader.any() && reader.words.is_empty()
}

struct Expression<'a> {
    words: &'a [&'a str],
}

impl Expression<'_> {
    fn take(&mut self, word: &str) -> bool {
        let is_next = self.words.first() == Some(&word);
        if is_next {
            self.words = &self.words[1..];
        }
        is_next
    }

    fn any(&mut self) -> bool {
        let mut good = self.every();
        while self.take("OR") {
            good |= self.every();
        }
        good
    }

    fn every(&mut self) -> bool {
        let mut good = self.one();
        while self.take("AND") {
            good &= self.one();
        }
        good
    }

    fn one(&mut self) -> bool {
        if self.take("(") {
            let good = self.any();
            return self.take(")") && good;
        }
        let Some((name, rest)) = self.words.split_first() else { return false };
        self.words = rest;
        if self.take("WITH") {
            let Some((exception, rest)) = self.words.split_first() else { return false };
            self.words = rest;
            return LICENCES.contains(&format!("{name} WITH {exception}").as_str());
        }
        LICENCES.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn licences() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(is_shippable(good), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT",
            "MIT)",
            "AGPL-3.0 OR GPL-2.0",
            "OR",
            "MIT WITH Nothing",
        ] {
            assert!(!is_shippable(bad), "{bad}");
        }
    }

    #[test]
    fn unwanted() {
        let metadata = json!({"packages": [
            {"name": "native-tls", "license": "MIT", "source": "registry"},
            {"name": "copyleft", "license": "GPL-3.0", "source": "registry"},
            {"name": "ours", "license": null, "source": null},
        ]});
        let repository = Repository { metadata, ..Repository::default() };
        let found: Vec<_> = check(&repository).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "Cargo.lock: `native-tls` is in the tree: rustls with ring is the one TLS stack",
                "Cargo.lock: `copyleft` is under `GPL-3.0`, which is not in the list",
            ]
        );
    }
}
