//! The promises that every store makes.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::sync::Arc;

use fact::{NewFact, Viewer};
use store::contract::{Clock, Facts as _, Fresh, all, at};
use store::{Entry, Log as _, Order, Read as _, WindowQuery};
use store_sqlite::{Options, SqliteStore};

mod support;

fn open(clock: Clock) -> Fresh {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), Options::new(move || clock.now())).unwrap();
    Fresh { store: Arc::new(store), hold: Box::new(dir) }
}

#[test]
fn keeps_every_promise() {
    for (promise, check) in all() {
        eprintln!("{promise}");
        check(&open);
    }
}

/// The window of the hour in which facts of the hour before are recorded.
fn hour() -> WindowQuery {
    WindowQuery {
        from: at(3_600),
        until: at(7_200),
        entity: None,
        sources: None,
        kinds: None,
        with: vec![],
        without: vec![],
        order: Order::Ascending,
        beyond: None,
        limit: 10,
    }
}

fn late(n: u128) -> NewFact {
    NewFact::message(n, i64::try_from(n).unwrap() % 3_000, "late").live()
}

/// What is remembered of late facts: few, one more, one that is gone, more than are remembered.
#[test]
fn late_facts_are_in_the_window_in_which_they_were_recorded() {
    support::run(async {
        let (clock, dir) = (Clock::new(), tempfile::tempdir().unwrap());
        let store = support::open(dir.path(), &clock);
        let viewer = Viewer::system();
        let count = async || {
            let tally = store.tally(&viewer, &hour()).await.unwrap();
            tally.counts.iter().map(|(_, _, count)| count).sum::<u64>()
        };
        clock.set(at(4_000));
        store.append((1..=20).map(late).collect()).await.unwrap();
        assert_eq!(count().await, 20);
        clock.set(at(4_001));
        store.append(vec![late(21), late(22).of(store::contract::source(2))]).await.unwrap();
        assert_eq!(count().await, 22);

        let gone = late(3).id;
        store.redact(support::redaction(100_000, &[gone])).await.unwrap();
        assert_eq!(count().await, 21);
        let page = store.window(&viewer, &hour()).await.unwrap();
        assert!(page.entries.iter().all(|entry| entry.id() != gone), "it had happened before");

        for batch in 0..5 {
            store.append((1_000 * batch + 200..1_000 * batch + 1_200).map(late).collect()).await.unwrap();
            assert_eq!(count().await, 1_021 + 1_000 * u64::try_from(batch).unwrap());
        }
        let page = store.window(&viewer, &hour()).await.unwrap();
        let found: Vec<_> = page.entries.iter().map(Entry::cursor).collect();
        assert!(page.more && found.is_sorted() && found.len() == 10, "{found:?}");
        clock.set(at(7_300));
        store.append(vec![late(9_000)]).await.unwrap();
        assert_eq!(count().await, 5_021, "recorded after the window's end");
    });
}
