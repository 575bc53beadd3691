//! Promises about reading.

use std::collections::BTreeSet;

use fact::{EntityId, Kind, NewFact, PersonId, SourceId, Viewer};

use super::{Clock, Facts as _, Open, Promise, at, id, run, source};
use crate::{Entry, Order, Page, Read, StateRow, WindowQuery};

pub(crate) const PROMISES: &[Promise] = &[
    ("a window holds what happened in it, and live facts recorded in it", membership),
    ("an interval that overlaps a window brings both its ends", threads),
    ("an edit is told with its original", edits),
    ("facts of an incident are in its own window only", own_entity),
    ("pages fit together both ways", paging),
    ("nobody sees what they may not see", visibility),
    ("what fires is what has not ended", firing),
    ("state facts come in order", state),
    ("lists are newest first", lists),
];

/// A window of everything, from so many seconds to so many.
pub(crate) fn window(from: i64, until: i64) -> WindowQuery {
    WindowQuery {
        from: at(from),
        until: at(until),
        entity: None,
        sources: None,
        kinds: None,
        with: vec![],
        without: vec![],
        order: Order::Ascending,
        beyond: None,
        limit: 1_000,
    }
}

fn texts(page: &Page) -> Vec<&str> {
    page.entries.iter().map(text).collect()
}

fn text(entry: &Entry) -> &str {
    match entry {
        Entry::Fact { first, newest } => &newest.as_ref().unwrap_or(first).fact.content.text,
        Entry::Redacted { .. } => "(redacted)",
    }
}

/// The counts of a window add up to its entries.
async fn counted(store: &(impl Read + ?Sized), viewer: &Viewer, query: &WindowQuery) {
    let all = WindowQuery { kinds: None, beyond: None, limit: usize::MAX, ..query.clone() };
    let page = store.window(viewer, &all).await.unwrap();
    let facts = page.entries.iter().filter(|entry| matches!(entry, Entry::Fact { .. })).count();
    let tally = store.tally(viewer, query).await.unwrap();
    assert_eq!(tally.counts.iter().map(|(_, _, n)| n).sum::<u64>(), facts as u64, "{tally:?}");
}

fn membership(open: Open<'_>) {
    run(async {
        let clock = Clock::new();
        let fresh = open(clock.clone());
        let system = Viewer::system();
        for (recorded, fact) in [
            (50, NewFact::message(1, 99, "imported, just before")),
            (50, NewFact::message(2, 100, "imported, first moment")),
            (150, NewFact::message(3, 90, "live, recorded inside, a little early").live()),
            (150, NewFact::message(4, -5_000, "live, recorded inside, hours early").live()),
            (151, NewFact::message(5, -5_000, "imported, recorded inside, hours early")),
            (152, NewFact::message(6, 150, "a test").kind(Kind::TEST)),
            (153, NewFact::message(7, 9_000, "live, its clock is hours ahead").live()),
            (200, NewFact::message(8, 210, "live, recorded at the last moment").live()),
            (9_000, NewFact::message(9, 200, "imported, last moment")),
            (9_000, NewFact::message(10, 120, "live, late").live()),
            (9_000, NewFact::message(11, 8_990, "live, after").live()),
        ] {
            clock.set(at(recorded));
            fresh.store.append(vec![fact]).await.unwrap();
        }
        let query = window(100, 200);
        let page = fresh.store.window(&system, &query).await.unwrap();
        let inside = [
            "live, recorded inside, hours early",
            "live, recorded inside, a little early",
            "imported, first moment",
            "live, late",
            "imported, last moment",
            "live, recorded at the last moment",
            "live, its clock is hours ahead",
        ];
        assert_eq!(texts(&page), inside);
        counted(&*fresh.store, &system, &query).await;
        let without = WindowQuery { without: vec![id(10), id(1)], ..query.clone() };
        assert_eq!(fresh.store.window(&system, &without).await.unwrap().entries.len(), 6);
        counted(&*fresh.store, &system, &without).await;
    });
}

fn threads(open: Open<'_>) {
    run(async {
        let clock = Clock::new();
        let fresh = open(clock.clone());
        let system = Viewer::system();
        let alert = |n, seconds, text| NewFact::message(n, seconds, text).kind(Kind::ALERT);
        let facts = vec![
            alert(1, 0, "a fires").span("a", 0, None),
            alert(2, 300, "a is resolved").span("a", 0, Some(300)),
            alert(3, 10, "b fires").span("b", 10, None),
            alert(4, 40, "b is resolved").span("b", 10, Some(40)),
            alert(5, 20, "c fires").span("c", 20, None),
            alert(6, 250, "d fires later").span("d", 250, None),
            alert(7, 30, "e fires").span("e", 30, None),
            alert(8, 50, "e fires anew, its end was missed").span("e", 50, None),
        ];
        clock.set(at(1_000));
        fresh.store.append(facts).await.unwrap();
        let query = window(100, 200);
        let page = fresh.store.window(&system, &query).await.unwrap();
        let overlapping = ["a fires", "c fires", "e fires anew, its end was missed", "a is resolved"];
        assert_eq!(texts(&page), overlapping);
        counted(&*fresh.store, &system, &query).await;
        counted(&*fresh.store, &system, &window(0, 400)).await;
        let backwards = WindowQuery { order: Order::Descending, ..query };
        let page = fresh.store.window(&system, &backwards).await.unwrap();
        assert_eq!(texts(&page), overlapping.iter().rev().copied().collect::<Vec<_>>());
    });
}

fn edits(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let system = Viewer::system();
        let facts = vec![
            NewFact::message(1, 10, "first"),
            NewFact::message(2, 500, "first, edited later").edit_of(1, 1),
            NewFact::message(3, 20, "an edit of what was never seen").edit_of(77, 3),
            NewFact::message(4, 30, "and its edit").edit_of(77, 4),
        ];
        fresh.store.append(facts).await.unwrap();
        let page = fresh.store.window(&system, &window(0, 100)).await.unwrap();
        assert_eq!(texts(&page), ["first, edited later", "and its edit"]);
        assert_eq!(page.entries.iter().map(Entry::id).collect::<Vec<_>>(), [id(1), id(3)]);
        let late = fresh.store.window(&system, &window(400, 600)).await.unwrap();
        assert_eq!(late, Page::default(), "an edit belongs to its original's window");
        let found = fresh.store.facts(&system, &[id(4), id(50), id(2)]).await.unwrap();
        assert_eq!(found.iter().map(Entry::id).collect::<Vec<_>>(), [id(3), id(1)]);
        let revisions = fresh.store.revisions(&system, id(2)).await.unwrap();
        assert_eq!(revisions.iter().map(|stored| stored.fact.id).collect::<Vec<_>>(), [id(1), id(2)]);
        counted(&*fresh.store, &system, &window(0, 1_000)).await;
        // The original comes after its edits: now it is the first telling.
        fresh.store.append(vec![NewFact::message(77, 5, "the original")]).await.unwrap();
        let page = fresh.store.window(&system, &window(0, 100)).await.unwrap();
        assert_eq!(page.entries.iter().map(Entry::id).collect::<Vec<_>>(), [id(77), id(1)]);
    });
}

fn own_entity(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let system = Viewer::system();
        let (mine, other) = (EntityId(id(901).0), EntityId(id(902).0));
        let own = |n, seconds, text| NewFact::message(n, seconds, text).of(SourceId::OWN).kind(Kind::STATE);
        let facts = vec![
            own(1, 50, "declared").about_entity(mine, 1),
            own(2, 90_000, "closed, much later").about_entity(mine, 2),
            own(3, 50, "another incident's").about_entity(other, 1),
            NewFact::message(4, 60, "talk"),
            NewFact::message(5, 60, "a correction").kind(Kind::CORRECTION).about_entity(id(4).into(), 1),
        ];
        fresh.store.append(facts).await.unwrap();
        let query = WindowQuery { entity: Some(mine), ..window(0, 100) };
        let page = fresh.store.window(&system, &query).await.unwrap();
        assert_eq!(texts(&page), ["declared", "talk", "closed, much later"]);
        counted(&*fresh.store, &system, &query).await;
        let chosen = WindowQuery { sources: Some(vec![source(2)]), ..query.clone() };
        let page = fresh.store.window(&system, &chosen).await.unwrap();
        assert_eq!(texts(&page), ["declared", "closed, much later"], "the product's own source is always in");
        let kinds = WindowQuery { kinds: Some(vec![Kind::MESSAGE]), ..query };
        assert_eq!(texts(&fresh.store.window(&system, &kinds).await.unwrap()), ["talk"]);
        assert_eq!(texts(&fresh.store.window(&system, &window(0, 100)).await.unwrap()), ["talk"]);
    });
}

fn paging(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let system = Viewer::system();
        // Many at the same moment, of many sources, so that only the position tells them apart.
        let facts = (1..=60).map(|n| NewFact::message(n, (n / 25) as i64, "x").of(source(n % 7))).collect();
        fresh.store.append(facts).await.unwrap();
        for sources in [None, Some((0..6).map(source).collect::<Vec<_>>()), Some(vec![source(1), source(2)])]
        {
            for order in [Order::Ascending, Order::Descending] {
                let query = WindowQuery { order, sources: sources.clone(), ..window(0, 10) };
                let whole = fresh.store.window(&system, &query).await.unwrap();
                assert!(!whole.more);
                let (mut parts, mut beyond) = (Vec::new(), None);
                loop {
                    let part = WindowQuery { beyond, limit: 7, ..query.clone() };
                    let page = fresh.store.window(&system, &part).await.unwrap();
                    beyond = page.entries.last().map(Entry::cursor);
                    parts.extend(page.entries);
                    if !page.more {
                        break;
                    }
                }
                assert_eq!(parts, whole.entries);
            }
        }
    });
}

fn visibility(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let (hidden, open_incident) = (EntityId(id(901).0), EntityId(id(902).0));
        let own = |n, text| NewFact::message(n, 50, text).of(SourceId::OWN).kind(Kind::NOTE);
        let facts = vec![
            NewFact::message(1, 50, "public"),
            NewFact::message(2, 50, "private").of(source(2)),
            own(3, "of the hidden incident").about_entity(hidden, 1),
            own(4, "of the open incident").about_entity(open_incident, 1),
            own(5, "corrects the hidden one").kind(Kind::CORRECTION).about_entity(id(3).into(), 1),
            NewFact::message(6, 50, "private fires").kind(Kind::ALERT).of(source(2)).span("t", 50, None),
        ];
        fresh.store.append(facts).await.unwrap();
        let seen: BTreeSet<SourceId> = [source(1), SourceId::OWN].into();
        let outsider = Viewer::person(PersonId(id(1_000).0), seen, [hidden].into());
        let all: Vec<_> = (1..=6).map(id).collect();
        let may_see = [id(1), id(4)];
        let entries = fresh.store.facts(&outsider, &all).await.unwrap();
        assert_eq!(entries.iter().map(Entry::id).collect::<Vec<_>>(), may_see);
        let since = fresh.store.since(&outsider, 0, 100).await.unwrap();
        assert_eq!(since.iter().map(|stored| stored.fact.id).collect::<Vec<_>>(), may_see);
        let containing = fresh.store.containing(&outsider, "i", 100).await.unwrap();
        assert!(containing.iter().all(|stored| may_see.contains(&stored.fact.id)), "{containing:?}");
        for entity in [None, Some(hidden), Some(open_incident)] {
            let query = WindowQuery { entity, ..window(0, 100) };
            let page = fresh.store.window(&outsider, &query).await.unwrap();
            assert!(page.entries.iter().all(|entry| may_see.contains(&entry.id())), "{page:?}");
            counted(&*fresh.store, &outsider, &query).await;
            let named = WindowQuery { sources: Some(vec![source(2)]), ..query };
            let page = fresh.store.window(&outsider, &named).await.unwrap();
            assert!(page.entries.iter().all(|entry| may_see.contains(&entry.id())), "{page:?}");
        }
        assert_eq!(fresh.store.revisions(&outsider, id(2)).await.unwrap(), []);
        assert_eq!(fresh.store.newest(&outsider, source(2), 10).await.unwrap(), []);
        assert_eq!(fresh.store.firing(&outsider, 10).await.unwrap(), []);
        let stats = fresh.store.source_stats(&outsider).await.unwrap();
        assert!(stats.iter().all(|stats| stats.source != source(2)), "{stats:?}");
        assert_eq!(fresh.store.firing(&Viewer::system(), 10).await.unwrap().len(), 1);
    });
}

fn firing(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let alert = |n, seconds, text| NewFact::message(n, seconds, text).kind(Kind::ALERT);
        let facts = vec![
            alert(1, 0, "a fires").span("a", 0, None),
            alert(2, 5, "b fires").span("b", 5, None),
            alert(3, 9, "a is resolved").span("a", 0, Some(9)),
            alert(4, 6, "c fires").span("c", 6, None),
            alert(5, 8, "c fires anew").span("c", 8, None),
            NewFact::message(6, 9, "a deploy goes on").kind(Kind::CHANGE).span("d", 9, None),
        ];
        fresh.store.append(facts).await.unwrap();
        let spans = fresh.store.firing(&Viewer::system(), 10).await.unwrap();
        let told: Vec<_> =
            spans.iter().map(|span| (span.begin, span.fact.fact.content.text.as_str())).collect();
        assert_eq!(told, [(at(8), "c fires anew"), (at(5), "b fires")]);
        assert_eq!(fresh.store.firing(&Viewer::system(), 1).await.unwrap().len(), 1);
    });
}

fn state(open: Open<'_>) {
    run(async {
        let fresh = open(Clock::new());
        let entity = EntityId(id(901).0);
        let facts = (1..=2_500_u64)
            .map(|n| match n % 2 {
                0 => NewFact::message(n.into(), 0, "talk"),
                _ => NewFact::message(n.into(), 0, "state").about_entity(entity, n.div_ceil(2)),
            })
            .collect();
        fresh.store.append(facts).await.unwrap();
        let mut positions = Vec::new();
        let mut each = |row: StateRow<'_>| match row {
            StateRow::Fact { position, content, .. } => {
                positions.push(position);
                let told = fact::decode_state(content).unwrap();
                assert_eq!((told.entity, told.version), (Some(entity), Some(position.div_ceil(2))));
                assert_eq!(told.data.event, serde_json::json!({"event": "test"}));
            }
            other => panic!("{other:?}"),
        };
        fresh.store.state_facts(&mut each).await.unwrap();
        assert_eq!(positions, (1..=2_500).step_by(2).collect::<Vec<u64>>());
    });
}

fn lists(open: Open<'_>) {
    run(async {
        let clock = Clock::new();
        let fresh = open(clock.clone());
        let system = Viewer::system();
        for n in 1..=5_i64 {
            clock.set(at(n * 10));
            let text = format!("say \"{n}\"");
            let fact = NewFact::message(n.unsigned_abs().into(), n * 10 - n, &text).live();
            fresh.store.append(vec![fact]).await.unwrap();
        }
        let newest = fresh.store.newest(&system, source(1), 2).await.unwrap();
        assert_eq!(newest.iter().map(|stored| stored.position).collect::<Vec<_>>(), [5, 4]);
        assert_eq!(fresh.store.newest(&system, source(9), 2).await.unwrap(), []);
        let found = fresh.store.containing(&system, "say \"3\"", 10).await.unwrap();
        assert_eq!(found.iter().map(|stored| stored.position).collect::<Vec<_>>(), [3]);
        let since = fresh.store.since(&system, 3, 1).await.unwrap();
        assert_eq!(since.iter().map(|stored| stored.position).collect::<Vec<_>>(), [4]);
        let stats = fresh.store.source_stats(&system).await.unwrap();
        assert_eq!(stats.len(), 1);
        assert_eq!(
            (stats[0].facts, stats[0].last_recorded, stats[0].last_occurred),
            (5, Some(at(50)), Some(at(45)))
        );
        assert_eq!(stats[0].lags, [5, 4, 3, 2, 1].map(|s| s * 1_000_000));
    });
}
