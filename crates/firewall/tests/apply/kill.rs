//! The tool is killed after any of its system calls: nothing is changed, or a guard takes it back.

use std::path::Path;
use std::process::{Command, Stdio};

use firewall::guard::{Site, State, finish, rollback};
use ruleset::Backend::{IptablesLegacy, IptablesNft};

use crate::guard::site;
use crate::site::{alone, eventually, has, is_exhaustive, lines, plan, read, run};

const NFT: &str = "ip filter INPUT insert 1 -s 10.0.0.7/32 -j ACCEPT
    ip filter INPUT delete 2 -i lo -j ACCEPT
    ip filter INPUT policy DROP
    ip6 filter INPUT insert 1 -s 2001:db8::7/128 -j ACCEPT";
const LEGACY: &str = "legacy ip filter INPUT insert 1 -s 10.0.0.7/32 -j ACCEPT
    legacy ip filter INPUT policy DROP
    legacy ip6 filter INPUT insert 1 -s 2001:db8::7/128 -j ACCEPT";

fn state() -> [Vec<String>; 2] {
    [lines(IptablesNft), lines(IptablesLegacy)]
}

/// Runs the tool on the plan under strace.
fn traced(folder: &Path, strace: &[&str]) -> bool {
    let status = Command::new("strace")
        .args(["-qq", "-o"])
        .arg(folder.join("trace"))
        .args(strace)
        .arg(env!("CARGO_BIN_EXE_deadstick-fw"))
        .arg("--state-dir")
        .arg(folder.join("state"))
        .args(["apply", "--confirm-within", "600"])
        .arg(folder.join("plan.json"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.unwrap().success()
}

fn every_call(text: &str) {
    alone(|| {
        if !has("strace") {
            return;
        }
        run("iptables-nft -A INPUT -i lo -j ACCEPT");
        run("iptables-nft -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT");
        run("ip6tables-nft -A INPUT -i lo -j ACCEPT");
        for program in ["iptables-legacy", "ip6tables-legacy"] {
            run(&format!("{program} -A INPUT -i lo -j ACCEPT"));
        }
        let before = state();
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        let mut made = plan(text);
        made.command = vec!["test".into()];
        made.made_for.digest = ruleset::plan::digest(&read().0);
        std::fs::write(folder.path().join("plan.json"), serde_json::to_string(&made).unwrap()).unwrap();
        assert!(traced(folder.path(), &[]), "it works when nobody kills it");
        let after = state();
        assert_ne!(after, before);
        rollback(&site, None).unwrap();
        assert_eq!(state(), before);
        let calls = calls(&std::fs::read_to_string(folder.path().join("trace")).unwrap());
        let stride = if is_exhaustive() { 1 } else { (calls.len() / 30).max(1) };
        let (mut outcomes, mut missed) = ([0; 3], 0);
        for (name, count) in calls.iter().step_by(stride) {
            let inject = format!("inject={name}:signal=KILL:when={count}");
            missed += usize::from(traced(folder.path(), &["-e", &inject]));
            outcomes[settled(&site, &before, &after, &inject)] += 1;
        }
        eprintln!(
            "{} calls: {outcomes:?} left nothing, were taken back, were guarded; {missed} not killed",
            calls.len()
        );
        assert!(outcomes.iter().all(|count| *count > 0), "each of them happens");
        assert!(missed * 10 < outcomes.iter().sum(), "a kill that comes too late is an exception");
    });
}

/// Each call of a trace as its name and how often it was called until then: strace counts each by itself.
fn calls(trace: &str) -> Vec<(String, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    let name = |line: &str| line.split_once('(').map(|(name, _)| name.to_owned());
    let is_call = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let names = trace.lines().filter_map(name).filter(is_call);
    let numbered = names.map(|name| {
        let count = counts.entry(name.clone()).or_insert(0);
        *count += 1;
        (name, *count)
    });
    numbered.filter(|(name, _)| !name.starts_with("exit")).collect()
}

/// What is left after the kill, and then nothing.
fn settled(site: &Site, before: &[Vec<String>; 2], after: &[Vec<String>; 2], call: &str) -> usize {
    let Some(record) = site.pending() else {
        // Nothing was written, or the guard was as quick as that.
        assert_eq!(state(), *before, "{call}");
        return 0;
    };
    if record.state == State::Applied {
        assert_eq!(state(), *after, "{call}");
        assert!(site.store.is_guarded(record.id), "{call}: nobody guards it");
        rollback(site, None).unwrap();
        assert_eq!(state(), *before, "{call}");
        return 2;
    }
    if !site.store.is_guarded(record.id) {
        // Killed before the guard was armed, so before anything was written: the next run closes it.
        assert_eq!(state(), *before, "{call}");
        eventually("the lock's release", || finish(site).is_ok());
    }
    eventually("the guard's work", || site.pending().is_none());
    assert_eq!(state(), *before, "{call}");
    1
}

#[test]
fn of_nf_tables() {
    every_call(NFT);
}

#[test]
fn of_both_backends() {
    every_call(&format!("{NFT}\n{LEGACY}"));
}
