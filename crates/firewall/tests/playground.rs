//! The playground: it leaves nothing behind and touches nothing outside. Needs root, iproute2, iptables; ufw for its column.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_deadstick-fw");

/// Why the tests here can't run, if so.
fn obstacle() -> Option<&'static str> {
    if !nix::unistd::geteuid().is_root() {
        return Some("not root");
    }
    let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let missing = [("nsenter", "util-linux"), ("ip", "iproute2"), ("iptables-nft-restore", "iptables")];
    missing.into_iter().find(|(program, _)| !is_there(program)).map(|(_, package)| package)
}

macro_rules! needs_playground {
    () => {
        if let Some(why) = obstacle() {
            eprintln!("skipped: {why}");
            return;
        }
    };
}

/// Every file of the firewall settings that boot, and what is live in this network namespace.
fn outside() -> BTreeMap<String, Vec<u8>> {
    fn walk(path: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
            entries.for_each(|entry| walk(&entry.path(), found));
        } else if let Ok(bytes) = std::fs::read(path) {
            found.insert(path.display().to_string(), bytes);
        }
    }
    let mut found = BTreeMap::new();
    for folder in ["/etc/ufw", "/etc/default", "/etc/iptables", "/var/lib/ufw", "/var/lib/deadstick-fw"] {
        walk(&PathBuf::from(folder), &mut found);
    }
    let live = Command::new("nft").args(["list", "ruleset"]).output().map(|output| output.stdout);
    found.insert("nft list ruleset".to_owned(), live.unwrap_or_default());
    for name in ["ip_tables_names", "ip6_tables_names", "sys/net/ipv4/ip_forward"] {
        let path = format!("/proc/net/{name}").replace("/proc/net/sys", "/proc/sys");
        found.insert(path.clone(), std::fs::read(path).unwrap_or_default());
    }
    found
}

#[test]
fn nothing_is_left_after_kill_9() {
    needs_playground!();
    let mut playground = Command::new(PROGRAM)
        .arg("playground")
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The welcome comes when everything is built.
    let mut lines = BufReader::new(playground.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("Services:")), "the playground was not built");
    playground.kill().unwrap();
    playground.wait().unwrap();
    // Every process inside holds the other end: the end of the file comes when the last of them has gone.
    let mut rest = String::new();
    playground.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn the_story_is_told_and_nothing_outside_is_touched() {
    needs_playground!();
    let before = outside();
    let output = Command::new(PROGRAM).args(["story", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(outside(), before, "the story touched something outside");
    let story: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let counts = |tool: usize, step: usize| {
        let measured = &story["columns"][tool]["steps"][step]["measured"];
        let connections = measured["connections"].as_array().unwrap();
        let is = |name: &str| connections.iter().filter(|one| one[name] == true).count();
        (is("lives"), is("works_anew"), connections.len(), measured["exposed"].as_array().unwrap().len())
    };
    assert_eq!(counts(1, 0), (10, 10, 10, 0), "the world itself must be whole");
    let steps = story["columns"][1]["steps"].as_array().unwrap();
    for (step, typed) in [(1, "disable"), (2, "enable")] {
        assert_eq!(steps[step]["exit"], 0, "{typed}: {}", steps[step]["output"]);
        assert_eq!(steps[step]["measured"], steps[0]["measured"], "{typed} changed something");
    }
    assert_eq!(steps[3]["exit"], 0, "{}", steps[3]["output"]);
    assert_eq!(counts(1, 3), (10, 10, 10, 0), "{}", steps[3]["output"]);
    for family in ["policies_v4", "policies_v6"] {
        assert_eq!(steps[3]["measured"][family][0], "INPUT DROP", "denied by default is what was asked");
    }
    if story["columns"][0]["skipped"].is_null() {
        let (_, works, all, _) = counts(0, 2);
        assert!(works < all, "ufw enable cut nobody off: then this story is none");
    } else {
        eprintln!("skipped: the column of ufw, {}", story["columns"][0]["skipped"]);
    }
}
