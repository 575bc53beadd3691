//! Promises about erasure.

use fact::{EntityId, FactId, Kind, NewFact, ReplacedEvent, Viewer};
use serde_json::json;

use super::reading::window;
use super::{Clock, Facts as _, Open, Promise, at, id, run, source};
use crate::{Entry, EraseError, ExpireRequest, Receipt, RedactRequest, StateRow, Store, WindowQuery};

pub(crate) const PROMISES: &[Promise] = &[
    ("a redaction takes all revisions, quotes and corrections", redaction),
    ("what was redacted is known when it is sent again", resent),
    ("a redaction that can't be done does nothing", refused),
    ("a redacted state fact leaves its blanked event", replaced),
    ("what fires is told by the facts that are left", spans),
    ("retention keeps evidence, open windows and chosen facts", expiry),
    ("a window says what retention took from it", expired_counts),
    ("subscribers are told of erasures", told),
];

fn redact(n: u128, facts: &[FactId]) -> RedactRequest {
    RedactRequest {
        facts: facts.to_vec(),
        replaced: vec![],
        why: "a password".into(),
        actor: "ufw".into(),
        id: id(n),
        at: at(500),
    }
}

fn expire(before: i64) -> ExpireRequest {
    ExpireRequest {
        source: source(1),
        recorded_before: at(before),
        keep_evidence: vec![],
        keep_all: vec![],
        keep_facts: vec![],
        why: "retention of 30 days".into(),
    }
}

async fn positions(store: &dyn Store) -> Vec<u64> {
    let facts = store.since(&Viewer::system(), 0, 100_000).await.unwrap();
    facts.iter().map(|stored| stored.position).collect()
}

fn redaction(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let facts = vec![
            NewFact::message(1, 10, "canary"),
            NewFact::message(2, 11, "canary, edited").edit_of(1, 1),
            NewFact::message(3, 12, "he said canary").quoting(&[id(2)]),
            NewFact::message(4, 13, "no: canary").kind(Kind::CORRECTION).about_entity(id(1).into(), 1),
            NewFact::message(5, 14, "of an incident").quoting(&[id(1)]).about_entity(EntityId(id(900).0), 1),
            NewFact::message(6, 15, "other"),
        ];
        fresh.store.append(facts).await.unwrap();
        let before = fresh.store.head().await.unwrap();
        let done = fresh.store.redact(redact(50, &[id(2)])).await.unwrap();
        assert_eq!((done.position, done.count), (7, 4));
        assert_eq!(done.ids, [id(1), id(2), id(3), id(4)]);
        assert_eq!(positions(&*fresh.store).await, [5, 6, 7]);
        assert_eq!(fresh.store.head().await.unwrap().size, before.size + 1, "the log grew by the record");
        let again = fresh.store.redact(redact(50, &[id(2)])).await.unwrap();
        assert_eq!(again, done, "the same request gives the same answer");
        let gone = fresh.store.redact(redact(51, &[id(1)])).await.unwrap();
        assert_eq!((gone.position, gone.count), (7, 0), "it is gone already");
        let page = fresh.store.window(&Viewer::system(), &window(0, 100)).await.unwrap();
        let redacted: Vec<_> = page
            .entries
            .iter()
            .filter(|entry| matches!(entry, Entry::Redacted { .. }))
            .map(Entry::id)
            .collect();
        assert_eq!(redacted, [id(1), id(3)], "edits and corrections are not told apart");
        let only = WindowQuery { sources: Some(vec![source(2)]), ..window(0, 100) };
        assert_eq!(fresh.store.window(&Viewer::system(), &only).await.unwrap().entries, []);
        let found = fresh.store.facts(&Viewer::system(), &[id(2)]).await.unwrap();
        assert!(matches!(&found[..], [Entry::Redacted { position: 1, .. }]), "{found:?}");
        assert_eq!(fresh.store.facts(&Viewer::source(source(2)), &[id(2)]).await.unwrap(), []);
        assert_eq!(fresh.store.revisions(&Viewer::system(), id(2)).await.unwrap(), []);
        assert_eq!(fresh.store.containing(&Viewer::system(), "canary", 10).await.unwrap(), []);
    });
}

fn resent(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let fact = NewFact::message(1, 10, "canary");
        fresh.store.append(vec![fact.clone()]).await.unwrap();
        fresh.store.redact(redact(50, &[id(1)])).await.unwrap();
        let size = fresh.store.head().await.unwrap().size;
        let known = Receipt::Known { position: 1, id: id(1) };
        let other_id = NewFact { id: id(2), ..fact.clone() };
        let edit = NewFact::message(3, 20, "canary, edited").edit_of(1, 1);
        let receipts = fresh.store.append(vec![fact, other_id, edit]).await.unwrap();
        assert_eq!(receipts, [known.clone(), known.clone(), known]);
        assert_eq!(fresh.store.head().await.unwrap().size, size);
    });
}

fn refused(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let incident = EntityId(id(900).0);
        let facts =
            vec![NewFact::message(1, 10, "talk"), NewFact::message(2, 10, "state").about_entity(incident, 1)];
        fresh.store.append(facts).await.unwrap();
        let none = fresh.store.redact(redact(50, &[id(1), id(77)])).await;
        assert!(matches!(none, Err(EraseError::NoSuchFact(missing)) if missing == id(77)), "{none:?}");
        let state = fresh.store.redact(redact(51, &[id(1), id(2)])).await;
        assert!(matches!(state, Err(EraseError::NeedsReplacement(fact)) if fact == id(2)), "{state:?}");
        assert_eq!(positions(&*fresh.store).await, [1, 2]);
        fresh.store.redact(redact(52, &[id(1)])).await.unwrap();
        let record = fresh.store.redact(redact(53, &[id(52)])).await;
        assert!(matches!(record, Err(EraseError::IsRecord(fact)) if fact == id(52)), "{record:?}");
    });
}

fn replaced(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let incident = EntityId(id(900).0);
        let facts = (1..=3).map(|n| NewFact::message(n, 10, "state").about_entity(incident, n as u64));
        fresh.store.append(facts.collect()).await.unwrap();
        let event =
            ReplacedEvent { position: 2, entity: incident, version: 2, event: json!({"event": "blank"}) };
        let request = RedactRequest { replaced: vec![event.clone()], ..redact(50, &[id(2)]) };
        fresh.store.redact(request).await.unwrap();
        let expected = StateRow::Replaced { event, id: id(2), occurred_at: at(10), recorded_at: at(0) };
        let mut rows = Vec::new();
        let mut each = |row: StateRow<'_>| match row {
            StateRow::Fact { position, .. } => rows.push(position),
            replaced => {
                assert_eq!(replaced, expected);
                rows.push(2);
            }
        };
        fresh.store.state_facts(&mut each).await.unwrap();
        assert_eq!(rows, [1, 2, 3, 4], "the redaction's record is the last");
        let query = WindowQuery { entity: Some(incident), ..window(0, 100) };
        let page = fresh.store.window(&Viewer::system(), &query).await.unwrap();
        assert_eq!(page.entries.iter().map(Entry::id).collect::<Vec<_>>(), [id(1), id(2), id(3)]);
        let elsewhere = fresh.store.window(&Viewer::system(), &window(0, 100)).await.unwrap();
        assert_eq!(elsewhere.entries, []);
    });
}

fn spans(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let facts = vec![
            NewFact::message(1, 0, "fires").kind(Kind::ALERT).kind(Kind::ALERT).span("a", 0, None),
            NewFact::message(2, 50, "is resolved").kind(Kind::ALERT).kind(Kind::ALERT).span("a", 0, Some(50)),
        ];
        fresh.store.append(facts).await.unwrap();
        assert_eq!(fresh.store.firing(&Viewer::system(), 10).await.unwrap(), []);
        fresh.store.redact(redact(50, &[id(2)])).await.unwrap();
        let firing = fresh.store.firing(&Viewer::system(), 10).await.unwrap();
        assert_eq!(firing.len(), 1, "nobody says any more that it ended");
        fresh.store.redact(redact(51, &[id(1)])).await.unwrap();
        assert_eq!(fresh.store.firing(&Viewer::system(), 10).await.unwrap(), []);
    });
}

fn expiry(open: Open<'_>) {
    run(async {
        let clock = Clock::new();
        let fresh = open(clock.clone());
        let facts = vec![
            NewFact::message(1, 100, "talk"),
            NewFact::message(2, 100, "evidence in the window").kind(Kind::ALERT),
            NewFact::message(3, 500, "evidence outside").kind(Kind::ALERT),
            NewFact::message(4, 900, "talk under investigation"),
            NewFact::message(5, 999, "its edit").edit_of(4, 1),
            NewFact::message(6, 500, "chosen"),
            NewFact::message(7, 500, "of another source").of(source(2)),
            NewFact::message(8, 20, "an alert that fires through the window").kind(Kind::ALERT).span(
                "a",
                20,
                Some(400),
            ),
            NewFact::message(9, 500, "state").about_entity(EntityId(id(900).0), 1),
            NewFact::message(10, 500, "corrects the talk")
                .kind(Kind::CORRECTION)
                .about_entity(id(1).into(), 1),
        ];
        fresh.store.append(facts).await.unwrap();
        clock.set(at(5_000));
        fresh.store.append(vec![NewFact::message(11, 500, "recorded too late to expire")]).await.unwrap();
        let request = ExpireRequest {
            keep_evidence: vec![(at(90), at(110))],
            keep_all: vec![(at(800), at(950))],
            keep_facts: vec![id(6)],
            ..expire(5_000)
        };
        let done = fresh.store.expire(request.clone()).await.unwrap();
        assert_eq!((done.count, done.records), (3, 1));
        assert_eq!(positions(&*fresh.store).await, [2, 4, 5, 6, 7, 8, 9, 11, 12]);
        let again = fresh.store.expire(request).await.unwrap();
        assert_eq!((again.count, again.records), (0, 0));
        let stats = fresh.store.source_stats(&Viewer::system()).await.unwrap();
        let own = stats.iter().find(|stats| stats.source == source(1)).unwrap();
        assert_eq!(own.facts, 10, "erased ones included");
    });
}

fn expired_counts(open: Open<'_>) {
    run(async {
        let clock = Clock::new();
        let fresh = open(clock.clone());
        let facts = (1..=5_000).map(|n| NewFact::message(n, n as i64, "talk"));
        fresh.store.append(facts.collect()).await.unwrap();
        clock.set(at(9_000));
        fresh.store.append(vec![NewFact::message(9_000, 100, "still there")]).await.unwrap();
        let done = fresh.store.expire(expire(8_000)).await.unwrap();
        assert_eq!(done.count, 5_000);
        let tally = fresh.store.tally(&Viewer::system(), &window(0, 6_000)).await.unwrap();
        assert_eq!(tally.expired, [(source(1), 5_000)]);
        assert_eq!(tally.counts, [(source(1), Kind::MESSAGE, 1)]);
        let unseen = fresh.store.tally(&Viewer::source(source(2)), &window(0, 6_000)).await.unwrap();
        assert_eq!(unseen.expired, []);
        let later = fresh.store.tally(&Viewer::system(), &window(6_000, 7_000)).await.unwrap();
        assert_eq!(later.expired, []);
    });
}

fn told(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        fresh.store.append(vec![NewFact::message(1, 10, "canary")]).await.unwrap();
        let mut commits = fresh.store.subscribe();
        fresh.store.redact(redact(50, &[id(1)])).await.unwrap();
        let commit = commits.try_recv().unwrap();
        assert_eq!(commit.len(), 1);
        assert_eq!((commit[0].position, &commit[0].fact.kind), (2, &Kind::ERASURE));
        assert_eq!(commit[0].fact.content.entity, Some(EntityId::LOG));
    });
}
