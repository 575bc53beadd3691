//! The text of iptables against the real programs: what is read and written here is what they read and write.
//!
//! Each test has a network namespace of its own. Needs root and iptables.

#![expect(clippy::unwrap_used, reason = "a test")]

mod given;
mod random;

use std::io::Write;
use std::process::{Command, Stdio};

use nix::sched::{CloneFlags, unshare};
use ruleset::{Backend, Family, Rule, Ruleset, iptables};

/// All programs: their beginning, backend, family.
const PROGRAMS: [(&str, Backend, Family); 4] = [
    ("iptables-nft", Backend::IptablesNft, Family::Ip),
    ("ip6tables-nft", Backend::IptablesNft, Family::Ip6),
    ("iptables-legacy", Backend::IptablesLegacy, Family::Ip),
    ("ip6tables-legacy", Backend::IptablesLegacy, Family::Ip6),
];

/// Why the tests here can't run, if so.
fn obstacle() -> Option<&'static str> {
    if !nix::unistd::geteuid().is_root() {
        return Some("not root");
    }
    let is_there = PROGRAMS.iter().all(|(program, ..)| Command::new(program).arg("-V").output().is_ok());
    (!is_there).then_some("no iptables")
}

/// Loads a dump in a new namespace and gives what the program then saves, with counters.
fn loaded_and_saved(program: &str, dump: &str) -> String {
    std::thread::scope(|scope| {
        let work = || {
            unshare(CloneFlags::CLONE_NEWNET).unwrap();
            let mut restore = Command::new(format!("{program}-restore"))
                .arg("-c")
                .env("XTABLES_LOCKFILE", "/dev/null")
                .stdin(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            restore.stdin.take().unwrap().write_all(dump.as_bytes()).unwrap();
            let output = restore.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{program}: {said}{}", numbered(dump));
            let save = Command::new(format!("{program}-save")).arg("-c").output().unwrap();
            String::from_utf8(save.stdout).unwrap()
        };
        scope.spawn(work).join().unwrap()
    })
}

/// For people: the lines of a dump with their numbers.
fn numbered(dump: &str) -> String {
    dump.lines().enumerate().map(|(number, line)| format!("{}: {line}\n", number + 1)).collect()
}

/// A dump of one table.
fn dump(table: &str, chains: &str, rules: &[String]) -> String {
    let mut out = format!("*{table}\n{chains}");
    for rule in rules {
        out.push_str(rule);
        out.push('\n');
    }
    out.push_str("COMMIT\n");
    out
}

/// The rules of a chain.
fn rules<'a>(ruleset: &'a Ruleset, table: &str, chain: &str) -> &'a [Rule] {
    let table = ruleset.tables.iter().find(|other| other.name == table).unwrap();
    &table.chain(chain).unwrap().rules
}

/// What iptables-save prints comes back byte for byte, but for its comments.
fn assert_comes_back(saved: &str, backend: Backend, family: Family) -> Ruleset {
    let (ruleset, notes) = iptables::parse(saved, backend, family);
    assert_eq!(notes, []);
    let without_comments: String =
        saved.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    assert_eq!(iptables::print(&ruleset, family, backend, true), without_comments);
    ruleset
}
