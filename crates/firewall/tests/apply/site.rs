//! A network namespace of one's own, and plans made by hand.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use firewall::apply::{Applied, ApplyError, Ledger, Wanted, apply};
use firewall::live::rules;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use ruleset::plan::{Change, Operation, Plan, Removed};
use ruleset::{Backend, Family, Ruleset};

/// Runs it in a namespace of its own with a /run of its own; without root it is skipped.
pub fn alone(test: impl FnOnce() + Send) {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    std::thread::scope(|scope| {
        let work = || {
            unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS).unwrap();
            let none = None::<&str>;
            mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
            mount(Some("run"), "/run", Some("tmpfs"), MsFlags::empty(), none).unwrap();
            test();
        };
        if let Err(panic) = scope.spawn(work).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Shall tests try everything, though it takes minutes?
pub fn is_exhaustive() -> bool {
    std::env::var_os("DEADSTICK_EXHAUSTIVE").is_some()
}

/// Is the program there? If not, what hangs on it is skipped.
pub fn has(program: &str) -> bool {
    let is_there = Command::new("which").arg(program).stdout(Stdio::null()).status().unwrap().success();
    if !is_there {
        eprintln!("skipped: needs {program}");
    }
    is_there
}

/// Waits until it holds; fails after half a minute.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(30), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Runs a program that must succeed; gives what it printed.
pub fn run(line: &str) -> String {
    let mut words = line.split(' ');
    let output = Command::new(words.next().unwrap()).args(words).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Rules as `-A CHAIN text`, policies that drop as `-P CHAIN DROP`, of both families of a backend.
pub fn lines(backend: Backend) -> Vec<String> {
    let mut lines = Vec::new();
    for (family, program) in programs(backend) {
        let mut table = String::new();
        for line in run(&format!("{program}-save")).lines() {
            if let Some(name) = line.strip_prefix('*') {
                table = name.to_owned();
            } else if let Some(chain) = line.strip_prefix(':') {
                let (chain, _) = chain.split_once(" [").unwrap();
                if chain.ends_with(" DROP") {
                    lines.push(format!("{} {table} -P {chain}", family.as_str()));
                }
            } else if line.starts_with("-A") {
                lines.push(format!("{} {table} {line}", family.as_str()));
            }
        }
    }
    lines
}

fn programs(backend: Backend) -> [(Family, &'static str); 2] {
    match backend {
        Backend::IptablesLegacy => [(Family::Ip, "iptables-legacy"), (Family::Ip6, "ip6tables-legacy")],
        _ => [(Family::Ip, "iptables-nft"), (Family::Ip6, "ip6tables-nft")],
    }
}

/// The live state.
pub fn read() -> (Ruleset, u32) {
    let (ruleset, generation) = rules::read(&rules::Options::default()).unwrap();
    (ruleset, generation.unwrap())
}

/// A plan in one line a change: `ip filter INPUT insert 2 -p tcp -j ACCEPT`, `ip6 filter INPUT policy DROP`; `legacy` before it.
pub fn plan(text: &str) -> Plan {
    let changes = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(change).collect();
    Plan { changes, ..Plan::default() }
}

fn change(line: &str) -> Change {
    let (backend, line) = match line.strip_prefix("legacy ") {
        Some(rest) => (Backend::IptablesLegacy, rest),
        None => (Backend::IptablesNft, line),
    };
    let words: Vec<&str> = line.splitn(5, ' ').collect();
    let [family, table, chain, op, rest] = words.as_slice() else { panic!("{line}") };
    let (op, position, rule) = match *op {
        "policy" => (Operation::Policy, 0, *rest),
        _ => {
            let (number, rule) = rest.split_once(' ').unwrap();
            let op = match *op {
                "insert" => Operation::Insert,
                "delete" => Operation::Delete,
                _ => Operation::Replace,
            };
            (op, number.parse().unwrap(), rule)
        }
    };
    let (rule, removed) = match rule.split_once(" <- ") {
        Some((rule, old)) => (rule, Some(Removed { rule: old.to_owned(), handle: None, counters: None })),
        None => (rule, None),
    };
    Change {
        op,
        backend,
        family: if *family == "ip6" { Family::Ip6 } else { Family::Ip },
        table: (*table).to_owned(),
        chain: (*chain).to_owned(),
        position,
        rule: rule.to_owned(),
        removed,
    }
}

/// The plan on the state as it is.
pub fn wanted(text: &str) -> Wanted {
    let (ruleset, generation) = read();
    Wanted { plan: plan(text), ruleset, generation: Some(generation) }
}

/// Applies a plan.
pub fn edit(text: &str) -> Result<Applied, ApplyError> {
    edit_with(text, &mut ())
}

/// Applies a plan with a ledger.
pub fn edit_with(text: &str, ledger: &mut dyn Ledger) -> Result<Applied, ApplyError> {
    apply(wanted(text), uuid::Uuid::from_u128(text.len() as u128), &mut || Ok(wanted(text)), ledger)
}
