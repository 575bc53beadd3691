//! Real dumps come back byte for byte, and are understood.

#![expect(clippy::disallowed_methods, reason = "the test reads real dumps, the crate does not")]

use std::path::PathBuf;

use ruleset::{Action, Backend, Ends, Family, Step, Test, iptables};

/// The shared folder of real rulesets; `None` where it isn't there.
fn shared() -> Option<PathBuf> {
    let shared = match std::env::var_os("DEADSTICK_SHARED") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
    };
    let folder = shared.join("data/firewall");
    if !folder.is_dir() {
        eprintln!("skipped: there is no {}", folder.display());
        return None;
    }
    Some(folder)
}

#[test]
fn real_dumps_come_back_and_are_understood() {
    let Some(folder) = shared() else { return };
    let mut files: Vec<PathBuf> =
        folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a dump");
        let family =
            if file.extension().is_some_and(|end| end == "save6") { Family::Ip6 } else { Family::Ip };
        let (ruleset, notes) = iptables::parse(&text, Backend::IptablesNft, family);
        assert_eq!(notes, [], "{}", file.display());
        let rules: String =
            text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
        assert_eq!(
            iptables::print(&ruleset, family, Backend::IptablesNft, true),
            rules,
            "{}",
            file.display()
        );
        for rule in ruleset.tables.iter().flat_map(|table| &table.chains).flat_map(|chain| &chain.rules) {
            for step in &rule.steps {
                let is_clear = match step {
                    Step::Test(Test::Opaque { text, .. }) => {
                        text.starts_with("-m limit ") || text == "-m rt --rt-type 0"
                    }
                    Step::Do(Action::Other { ends: Ends::Unknown, .. }) => false,
                    _ => true,
                };
                assert!(is_clear, "{}: {step:?}", rule.text);
            }
        }
    }
}
