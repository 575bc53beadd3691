//! What a spool promises: durable, in order, nothing lost without a word.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use proptest::prelude::*;
use spool::{Error, MAX_PAYLOAD, Spool};
use tempfile::TempDir;

fn payloads(spool: &Spool) -> Vec<Vec<u8>> {
    spool.pending().unwrap().map(|entry| entry.unwrap().payload).collect()
}

fn texts(spool: &Spool) -> Vec<String> {
    payloads(spool).into_iter().map(|payload| String::from_utf8(payload).unwrap()).collect()
}

fn open(dir: &Path) -> Spool {
    Spool::open(dir, "queue").unwrap()
}

#[test]
fn keeps_order_across_openings() {
    let dir = TempDir::new().unwrap();
    open(dir.path()).append(b"one").unwrap();
    open(dir.path()).append(b"two").unwrap();
    let spool = open(dir.path());
    assert_eq!(texts(&spool), ["one", "two"]);
    assert!(spool.damage().is_empty());
}

#[test]
fn is_for_its_owner_only() {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("a/b");
    let mut spool = open(&folder);
    let first = spool.append(b"one").unwrap();
    spool.append(b"two").unwrap();
    spool.acknowledge(first).unwrap();
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    for file in fs::read_dir(&folder).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

#[test]
fn forgets_what_is_acknowledged() {
    let dir = TempDir::new().unwrap();
    let mut spool = open(dir.path());
    let first = spool.append(b"one").unwrap();
    let second = spool.append(b"two").unwrap();
    spool.acknowledge(first).unwrap();
    drop(spool);
    let mut spool = open(dir.path());
    assert_eq!(texts(&spool), ["two"]);
    spool.acknowledge(first).unwrap();
    assert_eq!(texts(&spool), ["two"], "a mark that was passed changes nothing");
    spool.acknowledge(second).unwrap();
    assert!(spool.is_empty());
    let bytes = fs::read(dir.path().join("queue.spool")).unwrap();
    assert!(!bytes.windows(3).any(|window| window == b"one" || window == b"two"), "it stays on disk");
}

#[test]
fn marks_survive_what_others_do_in_between() {
    let dir = TempDir::new().unwrap();
    let mut spool = open(dir.path());
    spool.append(b"one").unwrap();
    let stale = spool.append(b"two").unwrap();
    // Another process ships both, and new ones are queued over the same bytes.
    spool.acknowledge(stale).unwrap();
    spool.append(b"three").unwrap();
    spool.append(b"four").unwrap();
    spool.acknowledge(stale).unwrap();
    assert_eq!(texts(&spool), ["three", "four"]);
    drop(spool);
    let mut spool = open(dir.path());
    spool.acknowledge(stale).unwrap();
    assert_eq!(texts(&spool), ["three", "four"]);
}

#[test]
fn a_note_about_a_file_that_is_gone_acknowledges_nothing() {
    let dir = TempDir::new().unwrap();
    for removed in [true, false] {
        let mut spool = open(dir.path());
        let first = spool.append(b"one").unwrap();
        spool.append(b"two").unwrap();
        spool.acknowledge(first).unwrap();
        drop(spool);
        let path = dir.path().join("queue.spool");
        if removed {
            fs::remove_file(&path).unwrap()
        } else {
            fs::write(&path, b"").unwrap()
        }
        let mut spool = open(dir.path());
        spool.append(b"new").unwrap();
        spool.acknowledge(first).unwrap();
        drop(spool);
        assert_eq!(texts(&open(dir.path())), ["new"]);
    }
}

#[test]
fn refuses_what_it_cannot_hold() {
    let dir = TempDir::new().unwrap();
    let mut spool = open(dir.path());
    assert!(matches!(spool.append(b""), Err(Error::Payload { len: 0 })));
    assert!(matches!(spool.append(&vec![0; MAX_PAYLOAD + 1]), Err(Error::Payload { .. })));
    spool.append(&vec![b'x'; MAX_PAYLOAD]).unwrap();
    assert_eq!(payloads(&spool)[0].len(), MAX_PAYLOAD);
    for name in ["", "../x", "a/b", "A", "a.b"] {
        assert!(matches!(Spool::open(dir.path(), name), Err(Error::Name(_))), "{name}");
    }
}

#[test]
fn is_full_at_its_limit_and_usable_again_after_shipping() {
    let dir = TempDir::new().unwrap();
    let mut spool = open(dir.path());
    spool.append(b"one").unwrap();
    drop(spool);
    // A sparse frame's worth of space is not needed: only the end counts.
    let path = dir.path().join("queue.spool");
    let mut bytes = fs::read(&path).unwrap();
    let frame: Vec<u8> = bytes[20..].to_vec();
    while bytes.len() < 1_048_576 {
        bytes.extend_from_slice(&frame);
    }
    fs::write(&path, &bytes).unwrap();
    let mut spool = open(dir.path());
    let big = vec![b'x'; MAX_PAYLOAD];
    let refused = loop {
        if let Err(error) = spool.append(&big) {
            break error;
        }
    };
    assert!(matches!(refused, Error::Full { .. }), "{refused}");
    let last = spool.pending().unwrap().map(|entry| entry.unwrap().upto).last().unwrap();
    spool.acknowledge(last).unwrap();
    spool.append(b"again").unwrap();
    assert_eq!(texts(&spool), ["again"]);
}

#[test]
fn refuses_a_newer_version_untouched() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("queue.spool");
    let mut header = b"DSSPOOL\x02\x01\0\0\0\0\0\0\0".to_vec();
    header.extend_from_slice(&crc32fast::hash(&header).to_le_bytes());
    fs::write(&path, &header).unwrap();
    assert!(matches!(Spool::open(dir.path(), "queue"), Err(Error::Version { version: 2, .. })));
    assert_eq!(fs::read(&path).unwrap(), header);
}

#[test]
fn two_at_once_wait_for_each_other() {
    let dir = TempDir::new().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let dir = dir.path();
            scope.spawn(move || {
                for count in 0..10 {
                    open(dir).append(format!("{writer}.{count}").as_bytes()).unwrap();
                }
            });
        }
    });
    let spool = open(dir.path());
    let texts = texts(&spool);
    assert_eq!(texts.len(), 40);
    for writer in 0..4 {
        let own: Vec<_> = texts.iter().filter(|text| text.starts_with(&format!("{writer}."))).collect();
        assert!(own.is_sorted() && own.len() == 10, "{own:?}");
    }
}

#[test]
fn an_append_that_fails_leaves_nothing() {
    let Some(full) = full_disk() else { return };
    let folder = full.path().join("full");
    let mut spool = open(&folder);
    spool.append(b"before").unwrap();
    let failed = spool.append(&vec![b'x'; 512 * 1024]).unwrap_err();
    assert!(matches!(failed, Error::Io { .. }), "{failed}");
    spool.append(b"after").unwrap();
    assert_eq!(texts(&spool), ["before", "after"]);
    drop(spool);
    let spool = open(&folder);
    assert_eq!(texts(&spool), ["before", "after"]);
    assert!(spool.damage().is_empty());
}

/// A folder on a file system with little room, mounted for this test.
fn full_disk() -> Option<Mounted> {
    let dir = TempDir::new().unwrap();
    let mount = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"])
        .arg(dir.path())
        .output();
    match mount {
        Ok(done) if done.status.success() => Some(Mounted(dir)),
        _ => {
            eprintln!("skipped: mounting a small file system needs root");
            None
        }
    }
}

struct Mounted(TempDir);

impl Mounted {
    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// A spool with these payloads, the first `acknowledged` of them acknowledged.
fn written(dir: &Path, payloads: &[Vec<u8>], acknowledged: usize) -> Vec<u8> {
    let mut spool = open(dir);
    let marks: Vec<_> = payloads.iter().map(|payload| spool.append(payload).unwrap()).collect();
    if acknowledged > 0 {
        spool.acknowledge(marks[acknowledged - 1]).unwrap();
    }
    drop(spool);
    fs::read(dir.join("queue.spool")).unwrap()
}

/// How many bytes lie in files that were set aside.
fn set_aside(dir: &Path) -> u64 {
    let files = fs::read_dir(dir).unwrap().map(|file| file.unwrap());
    files
        .filter(|file| file.file_name().to_string_lossy().contains("damaged"))
        .map(|file| file.metadata().unwrap().len())
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_damage_leaves_a_prefix_and_a_report(
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 1..6),
        acknowledged_share in 0usize..6,
        at: prop::sample::Index,
        bit in prop::option::of(0u8..8),
    ) {
        let dir = TempDir::new().unwrap();
        let acknowledged = acknowledged_share.min(payloads.len() - 1);
        let mut bytes = written(dir.path(), &payloads, acknowledged);
        let at = at.index(bytes.len());
        match bit {
            Some(bit) => bytes[at] ^= 1 << bit,
            None => bytes.truncate(at),
        }
        fs::write(dir.path().join("queue.spool"), &bytes).unwrap();

        let mut spool = open(dir.path());
        let found = self::payloads(&spool);
        // A damaged header also forgets what was acknowledged: more is sent again, never less.
        let expected = if at < 20 { &payloads[..] } else { &payloads[acknowledged..] };
        prop_assert!(expected.starts_with(&found), "{found:?} of {expected:?}");
        let is_on_border = bit.is_none() && {
            let mut border = 20;
            let borders: Vec<usize> =
                payloads.iter().map(|payload| { border += 8 + payload.len(); border }).collect();
            at == 20 || borders.contains(&at)
        };
        let lost = found.len() < expected.len();
        prop_assert!(!lost || !spool.damage().is_empty() || is_on_border, "lost without a report");
        let reported: u64 = spool.damage().iter().map(|damage| damage.bytes).sum();
        prop_assert_eq!(reported, set_aside(dir.path()), "what is reported is kept");

        // It is usable again, and whole when opened again.
        spool.append(b"after").unwrap();
        drop(spool);
        let spool = open(dir.path());
        prop_assert!(spool.damage().is_empty(), "{:?}", spool.damage());
        let mut both = found;
        both.push(b"after".to_vec());
        prop_assert_eq!(self::payloads(&spool), both);
    }

    #[test]
    fn any_file_can_be_opened(bytes: Vec<u8>, acknowledged in ".{0,40}") {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("queue.spool"), bytes).unwrap();
        fs::write(dir.path().join("queue.acknowledged"), acknowledged).unwrap();
        prop_assert!(payloads(&open(dir.path())).is_empty());
    }
}

/// Kills a writer with SIGKILL again and again: what it said to be appended is there, in order, once.
#[test]
fn what_was_acknowledged_survives_kill_9() {
    let dir = TempDir::new().unwrap();
    let mut acknowledged = 0;
    for round in 0..20 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writer_that_is_killed", "--nocapture"])
            .env("SPOOL_WRITER", dir.path())
            .env("SPOOL_FROM", acknowledged.to_string())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let written = lines.filter_map(|line| line.strip_prefix("appended ")?.parse::<usize>().ok());
        // Each round dies after a different number of appends, in the middle of the next one.
        acknowledged = written.take(3 + round).last().unwrap() + 1;
        child.kill().unwrap();
        child.wait().unwrap();
        let found = texts(&open(dir.path()));
        assert!(found.len() >= acknowledged, "{} of {acknowledged}", found.len());
        let expected: Vec<_> = (0..found.len()).map(payload).collect();
        assert!(found == expected, "round {round}: not in order, or not once");
        acknowledged = found.len();
    }
}

fn payload(number: usize) -> String {
    format!("{number} {}", "x".repeat(number * 37 % 5_000))
}

#[test]
fn writer_that_is_killed() {
    // Only as the child of the test above.
    let Some(dir) = std::env::var_os("SPOOL_WRITER") else { return };
    let from: usize = std::env::var("SPOOL_FROM").unwrap().parse().unwrap();
    let mut spool = open(Path::new(&dir));
    for number in from..from + 1_000 {
        spool.append(payload(number).as_bytes()).unwrap();
        println!("appended {number}");
    }
}
