//! Windows against a model that is too simple to be wrong: a list, looked through whole.

use std::collections::{BTreeMap, BTreeSet};

use fact::{EntityId, FactId, Kind, NewFact, PersonId, SourceId, Timestamp, Viewer};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{Clock, Facts as _, Open, Promise, at, id, run, source};
use crate::{Cursor, Entry, Order, Receipt, Store, WindowQuery};

pub(crate) const PROMISES: &[Promise] = &[("windows are those of the model", windows)];

/// Few values, so that they meet.
#[derive(Debug, Clone)]
struct Draw {
    recorded: i64,
    occurred: i64,
    source: u8,
    live: bool,
    edit: Option<(u8, u8)>,
    entity: Option<u8>,
    span: Option<(u8, i64, Option<i64>)>,
    kind: u8,
}

#[derive(Debug, Clone)]
struct Ask {
    window: (i64, i64),
    entity: Option<u8>,
    sources: Option<Vec<u8>>,
    kinds: Option<Vec<u8>>,
    with: Vec<u8>,
    without: Vec<u8>,
    seen: Option<(Vec<u8>, Vec<u8>)>,
    limit: usize,
}

fn draw() -> impl Strategy<Value = Draw> {
    // Around a minute off, and around the ends of windows, is where mistakes live.
    let off = prop_oneof![Just(0), -70i64..70, Just(60), Just(-60), Just(61), Just(-61), -3_000i64..3_000];
    let span = (0u8..2, 0i64..300, proptest::option::of(0i64..200));
    (
        0i64..20,
        off,
        0u8..6,
        any::<bool>(),
        proptest::option::weighted(0.3, (0u8..4, 0u8..4)),
        proptest::option::weighted(0.2, 0u8..3),
        proptest::option::weighted(0.3, span),
        0u8..4,
    )
        .prop_map(|(step, off, source, live, edit, entity, span, kind)| Draw {
            recorded: step,
            occurred: off,
            source,
            live,
            edit,
            entity,
            span: span.map(|(thread, begin, length)| (thread, begin, length.map(|length| begin + length))),
            kind,
        })
}

fn ask() -> impl Strategy<Value = Ask> {
    let some = || proptest::collection::vec(0u8..6, 0..6);
    (
        (-50i64..400, 0i64..200),
        proptest::option::of(0u8..3),
        proptest::option::weighted(0.4, some()),
        proptest::option::weighted(0.3, proptest::collection::vec(0u8..4, 0..3)),
        proptest::collection::vec(0u8..40, 0..4),
        proptest::collection::vec(0u8..40, 0..4),
        proptest::option::weighted(0.6, (some(), proptest::collection::vec(0u8..3, 0..3))),
        1usize..9,
    )
        .prop_map(|((from, length), entity, sources, kinds, with, without, seen, limit)| Ask {
            window: (from, from + length),
            entity,
            sources,
            kinds,
            with,
            without,
            seen,
            limit,
        })
}

fn source_of(n: u8) -> SourceId {
    if n == 0 { SourceId::OWN } else { source(n.into()) }
}

fn kind_of(n: u8) -> Kind {
    [Kind::MESSAGE, Kind::ALERT, Kind::TEST, Kind::CHANGE][usize::from(n % 4)].clone()
}

fn entity_of(n: u8) -> EntityId {
    EntityId(id(900 + u128::from(n)).0)
}

/// One fact of the model.
#[derive(Debug, Clone)]
struct Known {
    position: u64,
    recorded_at: Timestamp,
    fact: NewFact,
}

impl Known {
    fn cursor(&self) -> Cursor {
        Cursor { occurred_at: self.fact.content.occurred_at, position: self.position }
    }
}

/// First tellings: of each native id the lowest revision.
fn firsts(log: &[Known]) -> Vec<&Known> {
    let mut firsts: BTreeMap<(SourceId, &str), &Known> = BTreeMap::new();
    for known in log {
        let first = firsts.entry((known.fact.source, &known.fact.content.native_id)).or_insert(known);
        if known.fact.content.revision < first.fact.content.revision {
            *first = known;
        }
    }
    firsts.into_values().collect()
}

/// When it ended, who began it, who ended it.
type Interval<'a> = (Option<Timestamp>, &'a Known, Option<&'a Known>);

/// Native ids whose facts begin or end an interval that overlaps.
fn overlapping(log: &[Known], query: &WindowQuery) -> BTreeSet<(SourceId, String)> {
    let mut intervals: BTreeMap<(SourceId, &str, Timestamp), Interval<'_>> = BTreeMap::new();
    for known in log {
        let content = &known.fact.content;
        let (Some(thread), Some(span)) = (&content.thread, content.span) else { continue };
        let interval =
            intervals.entry((known.fact.source, thread, span.begin)).or_insert((None, known, None));
        if span.end.is_some() {
            (interval.0, interval.2) = (span.end, Some(known));
        }
    }
    let mut ends = BTreeSet::new();
    for ((source, thread, begin), (end, begun_by, ended_by)) in &intervals {
        let later =
            intervals.keys().filter(|(s, t, b)| (s, t) == (source, thread) && b > begin).map(|key| key.2);
        let end = end.or(later.min());
        if *begin <= query.until && end.is_none_or(|end| end >= query.from) {
            for known in [Some(begun_by), ended_by.as_ref()].into_iter().flatten() {
                ends.insert((known.fact.source, known.fact.content.native_id.clone()));
            }
        }
    }
    ends
}

fn expected(log: &[Known], viewer: &Viewer, query: &WindowQuery) -> Vec<FactId> {
    let overlapping = overlapping(log, query);
    let named = |ids: &[FactId], first: &Known| {
        let same = |known: &&Known| {
            (known.fact.source, &known.fact.content.native_id)
                == (first.fact.source, &first.fact.content.native_id)
        };
        log.iter().filter(same).any(|known| ids.contains(&known.fact.id))
    };
    let is_in = |first: &Known| {
        let content = &first.fact.content;
        let inside = |at: Timestamp| (query.from..=query.until).contains(&at);
        let seen = viewer.sees_source(first.fact.source)
            && content.entity.is_none_or(|entity| viewer.sees_entity(entity));
        let wanted = query.kinds.as_ref().is_none_or(|kinds| kinds.contains(&first.fact.kind));
        if !seen || !wanted || first.fact.kind == Kind::TEST || query.without.contains(&first.fact.id) {
            return false;
        }
        if named(&query.with, first) {
            return true;
        }
        let chosen = query
            .sources
            .as_ref()
            .is_none_or(|sources| sources.contains(&first.fact.source) || first.fact.source == SourceId::OWN);
        let by_time = inside(content.occurred_at)
            || (content.live && inside(first.recorded_at))
            || overlapping.contains(&(first.fact.source, content.native_id.clone()));
        chosen && if content.entity.is_some() { content.entity == query.entity } else { by_time }
    };
    let mut found: Vec<_> = firsts(log).into_iter().filter(|first| is_in(first)).collect();
    found.sort_by_key(|known| known.cursor());
    found.iter().map(|known| known.fact.id).collect()
}

fn fact_of(n: usize, draw: &Draw, recorded: i64, versions: &mut BTreeMap<u8, u64>) -> NewFact {
    let number = n as u128;
    let mut fact = NewFact::message(number, recorded + draw.occurred, "x")
        .of(source_of(draw.source))
        .kind(kind_of(draw.kind));
    fact.content.live = draw.live;
    if let Some((original, revision)) = draw.edit {
        // An edit has its original's source, and nothing to do with incidents.
        return fact.of(source_of(1)).edit_of(1_000 + u128::from(original), revision.into());
    }
    if let Some(entity) = draw.entity {
        let version = versions.entry(entity).or_default();
        *version += 1;
        fact = fact.about_entity(entity_of(entity), *version);
    }
    match draw.span {
        Some((thread, begin, end)) => fact.span(&thread.to_string(), begin, end),
        None => fact,
    }
}

fn query_of(ask: &Ask) -> WindowQuery {
    WindowQuery {
        from: at(ask.window.0),
        until: at(ask.window.1),
        entity: ask.entity.map(entity_of),
        sources: ask.sources.as_ref().map(|sources| sources.iter().map(|n| source_of(*n)).collect()),
        kinds: ask.kinds.as_ref().map(|kinds| kinds.iter().map(|n| kind_of(*n)).collect()),
        with: ask.with.iter().map(|n| id((*n).into())).collect(),
        without: ask.without.iter().map(|n| id((*n).into())).collect(),
        order: Order::Ascending,
        beyond: None,
        limit: 1_000,
    }
}

fn viewer_of(ask: &Ask) -> Viewer {
    match &ask.seen {
        None => Viewer::system(),
        Some((sources, hidden)) => Viewer::person(
            PersonId(id(800).0),
            sources.iter().map(|n| source_of(*n)).collect(),
            hidden.iter().map(|n| entity_of(*n)).collect(),
        ),
    }
}

/// A window and its counts, as the model has them; tells what is expected.
async fn look(store: &dyn Store, log: &[Known], viewer: &Viewer, query: &WindowQuery) -> Vec<FactId> {
    let expected = expected(log, viewer, query);
    let page = store.window(viewer, query).await.unwrap();
    let found: Vec<_> = page.entries.iter().map(Entry::id).collect();
    assert_eq!(found, expected, "{query:?}");
    if query.kinds.is_none() {
        let tally = store.tally(viewer, query).await.unwrap();
        let mut counts: BTreeMap<(SourceId, Kind), u64> = BTreeMap::new();
        for known in log.iter().filter(|known| expected.contains(&known.fact.id)) {
            *counts.entry((known.fact.source, known.fact.kind.clone())).or_default() += 1;
        }
        let counts: Vec<_> =
            counts.into_iter().map(|((source, kind), count)| (source, kind, count)).collect();
        assert_eq!(tally.counts, counts, "{query:?}");
    }
    expected
}

/// The same, and backwards in parts.
async fn check(store: &dyn Store, log: &[Known], ask: &Ask) {
    let (viewer, query) = (viewer_of(ask), query_of(ask));
    let expected = look(store, log, &viewer, &query).await;
    let mut backwards = Vec::new();
    let mut beyond = None;
    loop {
        let part = WindowQuery { order: Order::Descending, beyond, limit: ask.limit, ..query.clone() };
        let page = store.window(&viewer, &part).await.unwrap();
        beyond = page.entries.last().map(Entry::cursor);
        backwards.extend(page.entries.iter().map(Entry::id));
        if !page.more {
            break;
        }
    }
    backwards.reverse();
    assert_eq!(backwards, expected, "backwards, {} at a time: {ask:?}", ask.limit);
}

fn windows(open: Open<'_>) {
    let config = Config { cases: 32, failure_persistence: None, max_shrink_iters: 64, ..Config::default() };
    let drawn = (proptest::collection::vec(draw(), 1..40), proptest::collection::vec(ask(), 8));
    let tested = TestRunner::new(config).run(&drawn, |(draws, asks)| {
        run(async {
            let clock = Clock::new();
            let fresh = open(clock.clone());
            let (mut log, mut recorded, mut versions) = (Vec::new(), 0, BTreeMap::new());
            for (n, draw) in draws.iter().enumerate() {
                recorded += draw.recorded;
                clock.set(at(recorded));
                let fact = fact_of(n, draw, recorded, &mut versions);
                let receipt = fresh.store.append(vec![fact.clone()]).await.unwrap().remove(0);
                if let Receipt::Stored { position, recorded_at } = receipt {
                    log.push(Known { position, recorded_at, fact });
                }
                // What a store remembers of a window must not outlive the next fact.
                let ask = &asks[n % 3];
                look(&*fresh.store, &log, &viewer_of(ask), &query_of(ask)).await;
            }
            for ask in &asks {
                check(&*fresh.store, &log, ask).await;
            }
        });
        Ok(())
    });
    tested.unwrap();
}
