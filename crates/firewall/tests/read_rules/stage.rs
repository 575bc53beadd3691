//! A network namespace for one test.

use std::io::Write;
use std::process::{Command, Stdio};

use firewall::live::program;
use firewall::live::rules::{Options, read};
use nix::sched::{CloneFlags, unshare};
use ruleset::{Ruleset, Table};

/// Runs a test in a network namespace of its own; says why if it can't.
pub fn in_namespace(programs: &[&str], test: impl FnOnce() + Send) {
    if let Some(missing) = programs.iter().find(|name| program::path(name).is_none()) {
        return eprintln!("skipped: {missing} is not installed");
    }
    let result = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if let Err(error) = unshare(CloneFlags::CLONE_NEWNET) {
                return eprintln!("skipped: no network namespace can be made ({error}); it needs root");
            }
            test();
        });
        thread.join()
    });
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

/// Runs a program with this input; gives what it prints.
pub fn run(words: &str, input: &str) -> String {
    let mut words = words.split(' ');
    let name = words.next().unwrap();
    let mut child = Command::new(program::path(name).unwrap())
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{name} failed on: {}", input.chars().take(200).collect::<String>());
    String::from_utf8(output.stdout).unwrap()
}

/// Everything that is live.
pub fn live() -> Ruleset {
    read(&Options::default()).unwrap().0
}

/// The texts of all rules of a table, chain by chain.
pub fn texts(table: &Table) -> Vec<String> {
    let rules = table.chains.iter().flat_map(|chain| chain.rules.iter().map(move |rule| (chain, rule)));
    rules.map(|(chain, rule)| format!("-A {} {}", chain.name, rule.text).trim_end().to_owned()).collect()
}

/// The rules of an iptables-save text.
pub fn saved(text: &str) -> Vec<String> {
    text.lines().filter(|line| line.starts_with("-A ")).map(str::to_owned).collect()
}
