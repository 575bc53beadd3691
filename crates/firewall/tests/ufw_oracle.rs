//! What ufw accepts and what it refuses, we accept and refuse: asked of ufw itself, where it is installed.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use ruleset::ufw::{self, Profiles, Services};

/// Accepted by both, or refused by both: one command a line, words between `|` if one holds a space.
const ALIKE: &str = include_str!("ufw_commands.txt");

/// Where we differ, on purpose.
const DIFFERENT: &[(&str, bool, &str)] = &[
    ("allow from any port 1 port 2", true, "ufw forgets the first one without a word"),
    ("allow to any port 80 app MSN", true, "ufw forgets the port without a word"),
    ("default deny incoming now", true, "ufw ignores what follows"),
    ("insert 1 allow 22", false, "numbers are those of live rules, which ufw doesn't see"),
    ("insert 5 allow 22", false, "numbers are those of live rules, which ufw doesn't see"),
    ("delete 1", false, "numbers are those of live rules, which ufw doesn't see"),
    ("route insert 1 allow 80", false, "numbers are those of live rules, which ufw doesn't see"),
];

fn words(line: &str) -> Vec<String> {
    let parts: Vec<&str> =
        if line.contains('|') { line.split('|').collect() } else { line.split(' ').collect() };
    parts.into_iter().map(str::to_owned).collect()
}

/// Copies ufw's configuration; `None` (and why, on stderr) where it can't be asked.
fn copies() -> Option<tempfile::TempDir> {
    let missing = [("/usr/sbin/ufw", "no ufw"), ("/etc/ufw", "no ufw"), ("/usr/bin/python3", "no python3")];
    if let Some((_, why)) = missing.iter().find(|(path, _)| !Path::new(path).exists()) {
        eprintln!("skipped: {why} here");
        return None;
    }
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: not root");
        return None;
    }
    let folder = tempfile::tempdir().expect("works here");
    for (from, to) in [("/etc/ufw", "etc-ufw"), ("/etc/default/ufw", "default-ufw")] {
        let status =
            Command::new("cp").args(["-a", from]).arg(folder.path().join(to)).status().expect("works here");
        assert!(status.success());
    }
    Some(folder)
}

/// Which of these commands ufw accepts.
fn asked(commands: &[Vec<String>], copies: &Path) -> Vec<bool> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ufw_oracle.py");
    let mut child = Command::new("unshare")
        .args(["-n", "-m", "/usr/bin/python3", "-W", "ignore"])
        .arg(script)
        .arg(copies)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("works here");
    let mut input = child.stdin.take().expect("works here");
    let lines: Vec<String> =
        commands.iter().map(|words| serde_json::to_string(words).expect("works here")).collect();
    let writer = std::thread::spawn(move || {
        for line in lines {
            writeln!(input, "{line}").expect("works here");
        }
    });
    let output = child.wait_with_output().expect("works here");
    writer.join().expect("works here");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("works here").lines().map(|line| line == "0").collect()
}

fn ours() -> (Services, Profiles) {
    let services = Services::parse(&std::fs::read_to_string("/etc/services").unwrap_or_default());
    let mut profiles = Profiles::default();
    let files = std::fs::read_dir("/etc/ufw/applications.d").into_iter().flatten().flatten();
    for file in files {
        profiles.add(&std::fs::read_to_string(file.path()).unwrap_or_default());
    }
    (services, profiles)
}

/// Commands put together from words that belong, and some that don't.
fn made_up() -> Vec<Vec<String>> {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut pick = |words: &[&str]| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        words[usize::try_from(seed % words.len() as u64).expect("works here")].to_owned()
    };
    let mut commands = Vec::new();
    for _ in 0..1_000 {
        let parts = [
            pick(&["", "", "", "route", "rule", "prepend", "delete"]),
            pick(&["allow", "deny", "reject", "limit", "alow"]),
            pick(&["", "", "in", "out", "in on eth0", "out on wg0", "in on eth0 out on eth1", "on eth0"]),
            pick(&["", "", "", "log", "log-all"]),
            pick(&["", "", "proto tcp", "proto udp", "proto gre", "proto icmp", "proto igmp"]),
            pick(&[
                "",
                "from any",
                "from 10.0.0.0/8",
                "from 2001:db8::1",
                "from 10.0.0.300",
                "from host.example",
            ]),
            pick(&["", "", "port 22", "port 80,443", "port 6000:6007", "port ssh", "app MSN", "port"]),
            pick(&[
                "",
                "to any",
                "to 10.0.0.1",
                "to fe80::/10",
                "22/tcp",
                "ssh",
                "domain",
                "5000:5010/udp",
                "MSN",
            ]),
            pick(&["", "", "port 22", "port 80,443", "port domain", "app MSN", "proto udp"]),
            pick(&["", "", "", "comment hello", "comment"]),
        ];
        commands.push(parts.iter().flat_map(|part| part.split_whitespace()).map(str::to_owned).collect());
    }
    commands
}

#[test]
fn we_accept_what_ufw_accepts() {
    let Some(copies) = copies() else { return };
    let (services, profiles) = ours();
    let mut commands: Vec<Vec<String>> =
        ALIKE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(words).collect();
    commands.extend(made_up());
    commands.extend(DIFFERENT.iter().map(|(line, _, _)| words(line)));
    let theirs = asked(&commands, copies.path());
    assert_eq!(theirs.len(), commands.len());
    let mut wrong = Vec::new();
    for (command, accepted) in commands.iter().zip(theirs) {
        let line = command.join(" ");
        let known = DIFFERENT.iter().find(|(different, _, _)| *different == line);
        let answer = ufw::parse(command, &services, &profiles);
        if let Some((_, theirs, why)) = known {
            assert_eq!((accepted, answer.is_ok()), (*theirs, !*theirs), "{line}: {why}");
            continue;
        }
        // Of two ports for one end ufw forgets the first without a word.
        let is_twice =
            matches!(&answer, Err(ufw::EditError::Repeated(word)) if word == "port" || word == "app");
        if answer.is_ok() != accepted && !(accepted && is_twice) {
            wrong.push(format!("ufw {}: {line}: {answer:?}", if accepted { "accepts" } else { "refuses" }));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
