//! Windows: pages and counts.

use std::collections::{BTreeMap, HashMap, HashSet};

use fact::{Erasure, FactId, Kind, SourceId, StoredFact, Timestamp};
use rusqlite::{CachedStatement, Connection, Rows};
use store::{Cursor, Entry, Order, Page, Tally, WindowQuery};

use super::sight::{Sight, borrowed};
use super::streams::{Parts, Stream};
use crate::row::{FACT, Failed, fact, position, sql};

pub(crate) const ERASURES: &str = "
    SELECT f.content FROM facts f INDEXED BY facts_version WHERE f.entity = ? ORDER BY f.version";
pub(crate) const REDACTED_AT: &str = "
    SELECT r.position, r.id, (SELECT s.id FROM sources s WHERE s.number = b.source), r.occurred_at, r.recorded_at
    FROM redacted r JOIN stubs b ON b.position = r.position WHERE r.position = ?";

/// A part of a window.
pub(crate) fn page(db: &Connection, sight: &Sight, query: &WindowQuery) -> Result<Page, Failed> {
    let streams = Parts::new(db, sight, query)?.pages();
    let mut statements = streams
        .iter()
        .map(|stream| db.prepare_cached(&stream.sql))
        .collect::<rusqlite::Result<Vec<CachedStatement<'_>>>>()?;
    let mut merged = Vec::new();
    for (statement, stream) in statements.iter_mut().zip(&streams) {
        let mut rows = statement.query(&*borrowed(&stream.named))?;
        if let Some(head) = next(&mut rows)? {
            merged.push((head, rows, stream));
        }
    }
    let without: HashSet<FactId> = query.without.iter().copied().collect();
    let mut page = Page::default();
    let mut last = None;
    while let Some(i) = foremost(&merged, query.order) {
        let (cursor, rows, stream) = &mut merged[i];
        let (here, redacted) = (*cursor, stream.redacted);
        match next(rows)? {
            Some(head) => *cursor = head,
            None => drop(merged.swap_remove(i)),
        }
        if last.replace(here) == Some(here) {
            continue;
        }
        let entry = if redacted { redacted_at(db, here.position)? } else { entry_at(db, here.position)? };
        if without.contains(&entry.id()) {
            continue;
        }
        if page.entries.len() == query.limit {
            page.more = true;
            break;
        }
        page.entries.push(entry);
    }
    Ok(page)
}

fn next(rows: &mut Rows<'_>) -> Result<Option<Cursor>, Failed> {
    Ok(match rows.next()? {
        Some(row) => {
            Some(Cursor { occurred_at: Timestamp::from_micros(row.get(0)?), position: position(row.get(1)?) })
        }
        None => None,
    })
}

fn foremost(merged: &[(Cursor, Rows<'_>, &Stream)], order: Order) -> Option<usize> {
    let places = merged.iter().enumerate();
    let first = match order {
        Order::Ascending => places.min_by_key(|(_, (cursor, ..))| *cursor),
        Order::Descending => places.max_by_key(|(_, (cursor, ..))| *cursor),
    };
    first.map(|(i, _)| i)
}

pub(crate) fn at_sql() -> String {
    format!("SELECT {FACT} FROM facts f WHERE f.position = ?")
}

pub(crate) fn newest_sql() -> String {
    format!(
        "SELECT {FACT} FROM facts f JOIN facts g ON g.position = ?
         WHERE f.identity = g.identity AND f.revision > g.revision AND f.entity IS g.entity
         ORDER BY f.revision DESC LIMIT 1"
    )
}

/// One line of a timeline, by the position of its first telling.
pub(crate) fn entry_at(db: &Connection, position: u64) -> Result<Entry, Failed> {
    let first = one(db, &at_sql(), position)?;
    let first = first.ok_or_else(|| Failed::Damaged { position, what: "the fact is missing".into() })?;
    let newest = one(db, &newest_sql(), position)?;
    Ok(Entry::Fact { first: Box::new(first), newest: newest.map(Box::new) })
}

fn one(db: &Connection, text: &str, position: u64) -> Result<Option<StoredFact>, Failed> {
    let mut statement = db.prepare_cached(text)?;
    let mut rows = statement.query([sql(position)])?;
    rows.next()?.map(fact).transpose()
}

/// What redaction left at a position.
pub(crate) fn redacted_at(db: &Connection, at: u64) -> Result<Entry, Failed> {
    Ok(db.prepare_cached(REDACTED_AT)?.query_row([sql(at)], |row| {
        Ok(Entry::Redacted {
            position: position(row.get(0)?),
            id: FactId::from_bytes(row.get(1)?),
            source: SourceId::from_bytes(row.get(2)?),
            occurred_at: Timestamp::from_micros(row.get(3)?),
            recorded_at: Timestamp::from_micros(row.get(4)?),
        })
    })?)
}

/// The counts of a window.
pub(crate) fn tally(db: &Connection, sight: &Sight, query: &WindowQuery) -> Result<Tally, Failed> {
    let all = WindowQuery { kinds: None, beyond: None, ..query.clone() };
    let parts = Parts::new(db, sight, &all)?;
    let mut by_number: HashMap<(i64, i64), u64> = HashMap::new();
    for stream in parts.counts() {
        let mut statement = db.prepare_cached(&stream.sql)?;
        let mut rows = statement.query(&*borrowed(&stream.named))?;
        while let Some(row) = rows.next()? {
            *by_number.entry((row.get(0)?, row.get(1)?)).or_default() += 1;
        }
    }
    let mut counts: BTreeMap<(SourceId, Kind), u64> = BTreeMap::new();
    for ((source, kind), count) in by_number {
        if let (Some(source), Some(kind)) =
            (sight.numbers.source_named(source), sight.numbers.kind_named(kind))
        {
            counts.insert((source, kind), count);
        }
    }
    // Facts named one by one are few: each is asked for by itself.
    let plain = WindowQuery { with: vec![], without: vec![], ..all };
    let mut named = HashSet::new();
    for (id, is_wanted) in
        query.with.iter().map(|id| (*id, true)).chain(query.without.iter().map(|id| (*id, false)))
    {
        let Some(Entry::Fact { first, .. }) = super::single::entry(db, sight, id)? else { continue };
        let applies = if is_wanted { !query.without.contains(&first.fact.id) } else { first.fact.id == id };
        if !applies || first.fact.kind == Kind::TEST || !named.insert(first.fact.id) {
            continue;
        }
        let is_counted = holds(db, sight, &plain, &first)?;
        let count = counts.entry((first.fact.source, first.fact.kind.clone())).or_default();
        match (is_counted, is_wanted) {
            (false, true) => *count += 1,
            (true, false) => *count = count.saturating_sub(1),
            _ => {}
        }
    }
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    Ok(Tally {
        counts: counts.map(|((source, kind), count)| (source, kind, count)).collect(),
        expired: expired(db, sight, query)?,
    })
}

/// Whether a window holds a fact, by its first telling.
fn holds(db: &Connection, sight: &Sight, query: &WindowQuery, first: &StoredFact) -> Result<bool, Failed> {
    let place = Cursor { occurred_at: first.fact.content.occurred_at, position: first.position };
    let beyond = Cursor { position: place.position.saturating_sub(1), ..place };
    let one = WindowQuery { order: Order::Ascending, beyond: Some(beyond), limit: 1, ..query.clone() };
    let found = page(db, sight, &one)?;
    Ok(found.entries.first().is_some_and(|entry| entry.cursor() == place))
}

/// What retention took from a window: an expiry tells only the range of times of what it took, so
/// its count is told whole if the ranges overlap.
fn expired(db: &Connection, sight: &Sight, query: &WindowQuery) -> Result<Vec<(SourceId, u64)>, Failed> {
    let wanted = sight.among(query.sources.as_deref());
    let mut counts: BTreeMap<SourceId, u64> = BTreeMap::new();
    let mut statement = db.prepare_cached(ERASURES)?;
    let mut rows = statement.query([&fact::EntityId::LOG.as_bytes()[..]])?;
    while let Some(row) = rows.next()? {
        let content = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        let Some(Erasure::Expiry(expiry)) = crate::erasure::record(content) else { continue };
        let number = sight.numbers.known_source(expiry.source);
        let seen = number.is_some_and(|number| wanted.as_ref().is_none_or(|wanted| wanted.contains(&number)));
        let (first, last) = expiry.occurred;
        if seen && first <= query.until && last >= query.from {
            *counts.entry(expiry.source).or_default() += expiry.count;
        }
    }
    Ok(counts.into_iter().collect())
}

/// Every statement that a window can need, for the test that prepares them all.
#[cfg(test)]
pub(crate) fn statements(db: &Connection, sight: &Sight, query: &WindowQuery) -> Vec<String> {
    let parts = Parts::new(db, sight, query).unwrap();
    parts.pages().into_iter().chain(parts.counts()).map(|stream| stream.sql).collect()
}
