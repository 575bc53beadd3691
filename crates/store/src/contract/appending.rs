//! Promises about appending.

use fact::{EntityId, NewFact, OutOfBounds, Timestamp, Viewer};
use tokio::sync::broadcast::error::TryRecvError;

use super::{Clock, Facts as _, Open, Promise, at, id, run, source};
use crate::{Entry, Head, Receipt, Refusal, StateRow};

pub(crate) const PROMISES: &[Promise] = &[
    ("positions have no gaps and follow the order given", gapless),
    ("the time of recording never goes backwards", monotone),
    ("the same fact again is known and adds nothing", idempotent),
    ("an id of another fact is refused", id_taken),
    ("what is out of bounds is refused, and the rest is kept", out_of_bounds),
    ("state facts are kept all or none", all_or_none),
    ("of two writers of a version one is told", version_race),
    ("subscribers are told every commit in order", subscribers),
    ("concurrent writers are all kept, none twice", concurrent),
    ("the head is the root of the tree", head),
];

fn positions(receipts: &[Receipt]) -> Vec<u64> {
    receipts
        .iter()
        .map(|receipt| match receipt {
            Receipt::Stored { position, .. } | Receipt::Known { position, .. } => *position,
            Receipt::Refused(_) => 0,
        })
        .collect()
}

fn gapless(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let some = (1..=3).map(|n| NewFact::message(n, 0, "one")).collect();
        assert_eq!(positions(&fresh.store.append(some).await.unwrap()), [1, 2, 3]);
        let many = (4..=1_300).map(|n| NewFact::message(n, 0, "many")).collect();
        let receipts = fresh.store.append(many).await.unwrap();
        assert_eq!(positions(&receipts), (4..=1_300).collect::<Vec<u64>>());
        assert_eq!(fresh.store.head().await.unwrap().size, 1_300);
        assert_eq!(fresh.store.append(vec![]).await.unwrap(), []);
    });
}

fn monotone(open: Open<'_>) {
    run(async {
        let clock = Clock::new();
        let fresh = open(clock.clone());
        let mut times = Vec::new();
        for (n, now) in [(1, 10), (2, 5), (3, 20)] {
            clock.set(at(now));
            let receipts = fresh.store.append(vec![NewFact::message(n, 0, "x")]).await.unwrap();
            let Receipt::Stored { recorded_at, .. } = receipts[0] else { panic!("{receipts:?}") };
            times.push(recorded_at);
        }
        assert_eq!(times, [at(10), at(10), at(20)]);
    });
}

fn idempotent(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let fact = NewFact::message(1, 0, "first");
        fresh.store.append(vec![fact.clone()]).await.unwrap();
        let head = fresh.store.head().await.unwrap();
        let known = Receipt::Known { position: 1, id: id(1) };
        assert_eq!(
            fresh.store.append(vec![fact.clone()]).await.unwrap(),
            std::slice::from_ref(&known),
            "same id"
        );
        let other_id = NewFact { id: id(99), ..fact.clone() };
        assert_eq!(
            fresh.store.append(vec![other_id]).await.unwrap(),
            std::slice::from_ref(&known),
            "same native id"
        );
        assert_eq!(fresh.store.head().await.unwrap(), head);
        let twice = NewFact::message(2, 0, "twice in one append");
        let receipts = fresh
            .store
            .append(vec![twice.clone(), fact, NewFact { id: id(98), ..twice.clone() }, twice])
            .await;
        let stored = Receipt::Stored { position: 2, recorded_at: at(0) };
        let again = Receipt::Known { position: 2, id: id(2) };
        assert_eq!(receipts.unwrap(), [stored, known, again.clone(), again]);
        let elsewhere = NewFact::message(1, 0, "same native id, other source").of(source(2));
        let elsewhere = NewFact { id: id(97), ..elsewhere };
        assert_eq!(positions(&fresh.store.append(vec![elsewhere]).await.unwrap()), [3]);
    });
}

fn id_taken(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        fresh.store.append(vec![NewFact::message(1, 0, "first")]).await.unwrap();
        let thief = NewFact { id: id(1), ..NewFact::message(2, 0, "other") };
        let taken = Receipt::Refused(Refusal::IdTaken(id(1)));
        assert_eq!(fresh.store.append(vec![thief.clone()]).await.unwrap(), std::slice::from_ref(&taken));
        let own = NewFact::message(3, 0, "own");
        let thief = NewFact { id: id(3), ..thief };
        let receipts = fresh.store.append(vec![own, thief]).await.unwrap();
        assert_eq!(receipts[1], Receipt::Refused(Refusal::IdTaken(id(3))));
        assert_eq!(fresh.store.head().await.unwrap().size, 2);
    });
}

fn out_of_bounds(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let mut nul = NewFact::message(1, 0, "a\0b");
        nul.content.actor = Some("ufw".into());
        let mut early = NewFact::message(2, 0, "early");
        early.content.occurred_at = Timestamp::from_micros(-1);
        let good = NewFact::message(3, 0, "good");
        let receipts = fresh.store.append(vec![nul, early, good]).await.unwrap();
        let refused = Receipt::Refused(Refusal::OutOfBounds(OutOfBounds::Nul { field: "text" }));
        assert_eq!(receipts[0], refused);
        assert!(matches!(receipts[1], Receipt::Refused(Refusal::OutOfBounds(OutOfBounds::Time { .. }))));
        assert_eq!(receipts[2], Receipt::Stored { position: 1, recorded_at: at(0) });
    });
}

fn all_or_none(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let (a, b) = (EntityId(id(901).0), EntityId(id(902).0));
        let first = NewFact::message(1, 0, "a1").about_entity(a, 1);
        fresh.store.append(vec![first.clone()]).await.unwrap();
        let loser = NewFact::message(2, 0, "a1 again").about_entity(a, 1);
        let partner = NewFact::message(3, 0, "b1").about_entity(b, 1);
        let talk = NewFact::message(4, 0, "talk");
        let taken = Receipt::Refused(Refusal::VersionTaken { entity: a, version: 1 });
        let receipts = fresh.store.append(vec![partner.clone(), talk, loser]).await.unwrap();
        assert_eq!(receipts[0], taken, "the partner goes with it");
        assert_eq!(receipts[1], Receipt::Stored { position: 2, recorded_at: at(0) });
        assert_eq!(receipts[2], taken);
        let retry = fresh.store.append(vec![first, partner]).await.unwrap();
        assert_eq!(retry[0], Receipt::Known { position: 1, id: id(1) }, "a retry is known, not taken");
        assert_eq!(retry[1], Receipt::Stored { position: 3, recorded_at: at(0) });
    });
}

fn version_race(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let entity = EntityId(id(901).0);
        let writers = (1..=20).map(|n| {
            let fact = NewFact::message(n, 0, "mine").about_entity(entity, 1);
            let store = fresh.store.clone();
            tokio::spawn(async move { store.append(vec![fact]).await.unwrap().remove(0) })
        });
        let writers: Vec<_> = writers.collect();
        let mut stored = 0;
        for writer in writers {
            match writer.await.unwrap() {
                Receipt::Stored { .. } => stored += 1,
                Receipt::Refused(Refusal::VersionTaken { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(stored, 1);
        let mut rows = 0;
        fresh
            .store
            .state_facts(&mut |row| rows += usize::from(matches!(row, StateRow::Fact { .. })))
            .await
            .unwrap();
        assert_eq!(rows, 1);
    });
}

fn subscribers(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let mut commits = fresh.store.subscribe();
        for n in 0..5_u128 {
            let facts = (1..=3).map(|i| NewFact::message(n * 3 + i, 0, "x")).collect();
            fresh.store.append(facts).await.unwrap();
        }
        fresh.store.append(vec![NewFact::message(1, 0, "x")]).await.unwrap();
        let mut told = Vec::new();
        loop {
            match commits.try_recv() {
                Ok(commit) => told.extend(commit.iter().map(|fact| fact.position)),
                Err(TryRecvError::Empty) => break,
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(told, (1..=15).collect::<Vec<u64>>(), "and nothing is told twice");
    });
}

fn concurrent(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let writers = (0..16_u128).map(|writer| {
            let store = fresh.store.clone();
            tokio::spawn(async move {
                for n in 0..20 {
                    // Two of every batch are shared by all writers: somebody is first.
                    let facts = [writer * 100 + n + 1_000, n, 500 + n].map(|n| NewFact::message(n, 0, "x"));
                    store.append(facts.to_vec()).await.unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let facts = fresh.store.since(&Viewer::system(), 0, 1_000_000).await.unwrap();
        let mut ids: Vec<_> = facts.iter().map(|stored| stored.fact.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 16 * 20 + 40);
        let positions: Vec<_> = facts.iter().map(|stored| stored.position).collect();
        assert_eq!(positions, (1..=360).collect::<Vec<u64>>());
    });
}

fn head(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let empty = Head { size: 0, root: fact::root_of([]) };
        assert_eq!(fresh.store.head().await.unwrap(), empty);
        fresh.store.append(vec![NewFact::message(1, 0, "x")]).await.unwrap();
        let one = fresh.store.head().await.unwrap();
        assert_eq!(one.size, 1);
        assert_ne!(one.root, empty.root);
        let entries = fresh.store.facts(&Viewer::system(), &[id(1)]).await.unwrap();
        assert!(matches!(&entries[..], [Entry::Fact { newest: None, .. }]));
    });
}
