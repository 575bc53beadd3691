//! Killed, out of space, read-only, opened twice: nothing acknowledged is lost, nothing is half
//! stored, and the error says what to do.
//!
//! The process that is killed or starved is this test's own binary, started again with a role.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use fact::{FactId, NewFact, Viewer};
use store::contract::{Clock, Facts as _, at, id, source};
use store::{Log as _, Read as _, Receipt, StoreError};
use store_sqlite::{OpenError, Options, SqliteStore};
use support::{expiry, is_whole, open, run};

const ROLE: &str = "DEADSTICK_TEST_ROLE";
const DIR: &str = "DEADSTICK_TEST_DIR";
const ROUND: &str = "DEADSTICK_TEST_ROUND";

/// This binary, in a role, working on a directory.
fn child(program: &[&str], role: &str, dir: &Path, round: u128) -> Command {
    let exe = std::env::current_exe().unwrap();
    let mut words: Vec<PathBuf> = program.iter().map(PathBuf::from).collect();
    words.push(exe);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).args(["--exact", "the_other_process", "--nocapture", "--test-threads", "1"]);
    command.env(ROLE, role).env(DIR, dir).env(ROUND, round.to_string());
    command
}

/// What the other process does; without a role, nothing.
#[test]
fn the_other_process() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let dir = PathBuf::from(std::env::var(DIR).unwrap());
    let round: u128 = std::env::var(ROUND).unwrap().parse().unwrap();
    match role.as_str() {
        "load" => load(&dir, round),
        "one-by-one" => one_by_one(&dir, true),
        "careless" => one_by_one(&dir, false),
        "full" => full(&dir),
        "read-only" => read_only(&dir),
        "redact" => redact_and_die(&dir),
        other => panic!("no role `{other}`"),
    }
}

fn say(line: &str) {
    // One write a line, so that nothing is said by halves.
    std::io::stdout().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Eight writers that say what was acknowledged, and retention at work beside them.
fn load(dir: &Path, round: u128) {
    let clock = Clock::new();
    clock.set(at(i64::try_from(round).unwrap() * 10));
    let store = Arc::new(open(dir, &clock));
    run(async {
        let mut tasks = Vec::new();
        for writer in 0..8_u128 {
            let store = Arc::clone(&store);
            tasks.push(tokio::spawn(async move {
                for n in 0.. {
                    let number = round * 1_000_000 + writer * 100_000 + n * 2;
                    let facts = vec![
                        NewFact::message(number, 0, "load"),
                        NewFact::message(number + 1, 0, "x").of(source(2)),
                    ];
                    for receipt in store.append(facts).await.unwrap() {
                        assert!(matches!(receipt, Receipt::Stored { .. }), "{receipt:?}");
                    }
                    say(&format!("ack {}", id(number)));
                }
            }));
        }
        let retention = i64::try_from(round).unwrap() * 10 - 100;
        store.expire(expiry(source(2), retention)).await.unwrap();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn two_hundred_kills_lose_nothing_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<FactId> = Vec::new();
    for round in 1..=200_u128 {
        let mut process = child(&[], "load", dir.path(), round).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut heard = 0;
        // A different moment in every round.
        while heard < round * 7 % 41 + 1 {
            let line = lines.next().expect("the other process goes on until it is killed").unwrap();
            if let Some(acknowledged_id) = line.strip_prefix("ack ") {
                acknowledged.push(acknowledged_id.parse().unwrap());
                heard += 1;
            }
        }
        process.kill().unwrap();
        process.wait().unwrap();
        // What it said before it died counts, unless it died in the middle of a word.
        for line in lines.map_while(Result::ok) {
            acknowledged.extend(line.strip_prefix("ack ").and_then(|id| id.parse::<FactId>().ok()));
        }
        if round % 20 == 0 {
            assert!(is_whole(dir.path()), "after {round} kills");
        }
    }
    let store = open(dir.path(), &Clock::new());
    let facts = run(store.since(&Viewer::system(), 0, usize::MAX)).unwrap();
    let mut counts: HashMap<FactId, u32> = HashMap::new();
    facts.iter().for_each(|stored| *counts.entry(stored.fact.id).or_default() += 1);
    assert!(counts.values().all(|count| *count == 1), "a fact is there twice");
    let lost: Vec<_> = acknowledged.iter().filter(|id| !counts.contains_key(id)).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged facts are lost", lost.len(), acknowledged.len());
    assert!(acknowledged.len() >= 200);
}

/// One fact after the other, each said when it is acknowledged.
fn one_by_one(dir: &Path, durable: bool) {
    let store = SqliteStore::open(dir, Options { durable, ..Options::new(|| at(0)) }).unwrap();
    run(async {
        for n in 1..=50 {
            store.append(vec![NewFact::message(n, 0, "x")]).await.unwrap();
            say(&format!("ack {n}"));
        }
    });
}

/// How many acknowledgements followed a sync of the log that was not counted for one before.
fn synced(role: &str) -> Option<(usize, usize)> {
    let dir = tempfile::tempdir().unwrap();
    let calls = dir.path().join("calls");
    let strace = ["strace", "-f", "-y", "-e", "trace=fsync,fdatasync,write", "-o", calls.to_str().unwrap()];
    let data = dir.path().join("data");
    let status = child(&strace, role, &data, 0).stdout(Stdio::null()).status();
    if !status.is_ok_and(|status| status.success()) {
        return None;
    }
    let (mut acknowledged, mut after_sync, mut is_synced) = (0, 0, false);
    for line in std::fs::read_to_string(calls).unwrap().lines() {
        // Of the write-ahead log: making an empty database syncs other files.
        let sync = line.contains("fdatasync") || line.contains("fsync");
        let of_log = line.contains("-wal>") || line.contains("resumed");
        if sync && of_log && line.ends_with("= 0") {
            is_synced = true;
        } else if line.contains("\"ack ") {
            acknowledged += 1;
            after_sync += usize::from(std::mem::take(&mut is_synced));
        }
    }
    Some((acknowledged, after_sync))
}

#[test]
fn every_acknowledgement_follows_a_sync() {
    let Some(durable) = synced("one-by-one") else {
        eprintln!("skipped: strace does not run here");
        return;
    };
    assert_eq!(durable, (50, 50));
    let (acknowledged, after_sync) = synced("careless").unwrap();
    assert_eq!(acknowledged, 50);
    assert_eq!(after_sync, 0, "without syncs this test must fail");
}

/// Runs a role where a small file system of its own is mounted; `None` if that can't be had.
fn in_small_file_system(role: &str) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=6m tmpfs \"$0\" && exec \"$@\"";
    let mount = ["unshare", "--mount", "sh", "-c", script, dir.path().to_str().unwrap()];
    let output = child(&mount, role, dir.path(), 0).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let failed = String::from_utf8_lossy(&output.stderr);
    // Without the right to mount, the other process never started.
    let started = said.contains("running 1 test");
    assert!(!started || output.status.success(), "{said}{failed}");
    started.then_some(said)
}

fn full(dir: &Path) {
    let filler = dir.join("filler");
    std::fs::write(&filler, vec![1; 3 * 1_048_576]).unwrap();
    let data = dir.join("data");
    let clock = Clock::new();
    let store = open(&data, &clock);
    run(async {
        let facts =
            |n: u128| (n * 100..n * 100 + 100).map(|n| NewFact::message(n, 0, &"x".repeat(500))).collect();
        let mut n = 0;
        let error = loop {
            n += 1;
            match store.append(facts(n)).await {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        let head = store.head().await.unwrap();
        assert_eq!(head.size, u64::try_from((n - 1) * 100).unwrap(), "nothing of the last append was kept");
        let StoreError::Unwritable { what } = &error else { panic!("{error:?}") };
        say(what);
        store.window(&Viewer::system(), &window()).await.unwrap();
        std::fs::remove_file(&filler).unwrap();
        let again = store.append(facts(n)).await.unwrap();
        assert!(
            again.iter().all(|receipt| matches!(receipt, Receipt::Stored { .. })),
            "it goes on by itself"
        );
    });
    drop(store);
    assert!(is_whole(&data));
}

fn window() -> store::WindowQuery {
    store::WindowQuery {
        from: at(0),
        until: at(1),
        entity: None,
        sources: None,
        kinds: None,
        with: vec![],
        without: vec![],
        order: store::Order::Ascending,
        beyond: None,
        limit: 10,
    }
}

#[test]
fn a_full_disk_is_told_and_nothing_is_half_stored() {
    let Some(said) = in_small_file_system("full") else {
        eprintln!("skipped: a file system can't be mounted here");
        return;
    };
    assert!(said.contains("the disk is full: free some space, then try again"), "{said}");
}

fn read_only(dir: &Path) {
    let data = dir.join("data");
    drop(open(&data, &Clock::new()));
    let remount = Command::new("mount").args(["-o", "remount,ro"]).arg(dir).status().unwrap();
    assert!(remount.success());
    let error = SqliteStore::open(&data, Options::new(|| at(0))).unwrap_err();
    assert!(matches!(error, OpenError::Directory { .. }), "{error:?}");
    say(&error.to_string());
    assert!(is_whole(&data), "what is there can still be verified");
    let error = SqliteStore::open(&dir.join("other"), Options::new(|| at(0))).unwrap_err();
    assert!(matches!(error, OpenError::Directory { .. }), "{error:?}");
}

#[test]
fn a_read_only_directory_is_told() {
    let Some(said) = in_small_file_system("read-only") else {
        eprintln!("skipped: a file system can't be mounted here");
        return;
    };
    assert!(
        said.contains("can't be used: check that it exists and that this user may write there"),
        "{said}"
    );
}

/// Dies after a redaction whose traces a reader keeps alive.
fn redact_and_die(dir: &Path) {
    let store = open(dir, &Clock::new());
    run(store.append(vec![NewFact::message(1, 0, "CANARY")])).unwrap();
    let reader = rusqlite::Connection::open(dir.join(store_sqlite::DATABASE)).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM facts;").unwrap();
    run(store.redact(support::redaction(9_000, &[id(1)]))).unwrap();
    std::process::abort();
}

#[test]
fn a_redaction_that_was_cut_short_ends_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let died = child(&[], "redact", dir.path(), 0).output().unwrap();
    assert!(!died.status.success());
    let wal = dir.path().join(format!("{}-wal", store_sqlite::DATABASE));
    let holds = || std::fs::read(&wal).unwrap().windows(6).any(|window| window == b"CANARY");
    assert!(holds(), "the test would not see it");
    let store = open(dir.path(), &Clock::new());
    // The answer comes after the traces are gone.
    run(store.append(vec![NewFact::message(2, 0, "x")])).unwrap();
    assert!(!holds());
    drop(store);
    assert!(is_whole(dir.path()));
}

#[test]
fn a_second_server_is_told_who_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path(), &Clock::new());
    let error = SqliteStore::open(dir.path(), Options::new(|| at(0))).unwrap_err();
    let expected = format!("is in use by process {}: stop it first", std::process::id());
    assert!(error.to_string().contains(&expected), "{error}");
    assert!(is_whole(dir.path()), "verifying needs no lock");
    drop(first);
    drop(open(dir.path(), &Clock::new()));
}

#[test]
fn the_directory_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("a/b");
    drop(open(&data, &Clock::new()));
    assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_damaged_head_is_told_at_start() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), &Clock::new());
    run(store.append((1..=300).map(|n| NewFact::message(n, 0, "x")).collect())).unwrap();
    drop(store);
    let db = rusqlite::Connection::open(dir.path().join(store_sqlite::DATABASE)).unwrap();
    db.execute_batch("DELETE FROM facts WHERE position = 290").unwrap();
    drop(db);
    let error = SqliteStore::open(dir.path(), Options::new(|| at(0))).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("run `deadstick verify`"), "{error}");
}
