//! For the tests of this crate: directories, clocks, a log with everything in it.

#![expect(dead_code, reason = "every test file uses its own part of it")]

use std::path::Path;

use fact::{EntityId, FactId, Kind, NewFact, SourceId};
use store::contract::{Clock, Facts as _, at, id, source};
use store::{ExpireRequest, Log as _, RedactRequest, Verdict};
use store_sqlite::{Options, SqliteStore, verify};

/// Runs on a runtime of its own.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

pub fn open(dir: &Path, clock: &Clock) -> SqliteStore {
    let clock = clock.clone();
    SqliteStore::open(dir, Options::new(move || clock.now())).unwrap()
}

pub fn verdict(dir: &Path) -> Verdict {
    verify(dir, &mut |_, _| {}).unwrap()
}

pub fn is_whole(dir: &Path) -> bool {
    match verdict(dir) {
        Verdict::Whole(_) => true,
        broken => {
            eprintln!("{broken:?}");
            false
        }
    }
}

pub fn redaction(n: u128, facts: &[FactId]) -> RedactRequest {
    RedactRequest {
        facts: facts.to_vec(),
        replaced: vec![],
        why: "a password".into(),
        actor: "ufw".into(),
        id: id(n),
        at: at(0),
    }
}

pub fn expiry(source: SourceId, before: i64) -> ExpireRequest {
    ExpireRequest {
        source,
        recorded_before: at(before),
        keep_evidence: vec![],
        keep_all: vec![],
        keep_facts: vec![],
        why: "retention of 30 days".into(),
    }
}

/// Positions of the log that [`everything`] makes.
pub mod place {
    /// A tile that has expired whole.
    pub const EXPIRED_TILE: u64 = 1;
    /// The stub of an expired fact.
    pub const EXPIRED: u64 = 270;
    /// A plain message.
    pub const MESSAGE: u64 = 321;
    /// An alert that fires, and one that says that it ended.
    pub const FIRES: u64 = 330;
    pub const RESOLVED: u64 = 331;
    /// A state fact.
    pub const STATE: u64 = 340;
    /// A message that quotes [`MESSAGE`].
    pub const QUOTE: u64 = 350;
    /// A redacted message, its edit, and a redacted quote of it.
    pub const REDACTED: u64 = 360;
    /// The last fact of the first source.
    pub const LAST: u64 = 700;
    /// The record of the redaction, and that of the expiry.
    pub const REDACTION: u64 = 701;
    pub const EXPIRY: u64 = 702;
    /// The last position.
    pub const END: u64 = 712;
}

/// A closed log with something in every table.
pub fn everything(dir: &Path) {
    let clock = Clock::new();
    let store = open(dir, &clock);
    let facts = (1..=place::LAST).map(some_fact).collect();
    run(async {
        store.append(facts).await.unwrap();
        store.redact(redaction(9_000, &[id(place::REDACTED.into())])).await.unwrap();
        clock.set(at(100_000));
        let expired = store.expire(expiry(source(3), 50_000)).await.unwrap();
        assert_eq!((expired.count, expired.records), (320, 1));
        let after = (place::EXPIRY + 1..=place::END).map(some_fact).collect();
        store.append(after).await.unwrap();
    });
}

fn some_fact(n: u64) -> NewFact {
    let fact = NewFact::message(n.into(), i64::try_from(n).unwrap(), &format!("message {n}"));
    match n {
        1..=320 => fact.of(source(3)),
        place::FIRES => fact.kind(Kind::ALERT).span("alert", 330, None),
        place::RESOLVED => fact.kind(Kind::ALERT).span("alert", 330, Some(331)),
        place::STATE => fact.of(SourceId::OWN).kind(Kind::STATE).about_entity(EntityId(id(9_900).0), 1),
        place::QUOTE => fact.quoting(&[id(place::MESSAGE.into())]),
        361 => fact.edit_of(place::REDACTED.into(), 1),
        362 => fact.quoting(&[id(361)]),
        _ => fact.live(),
    }
}

/// Copies a data directory.
pub fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
