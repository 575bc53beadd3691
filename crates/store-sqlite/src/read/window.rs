//! Windows: pages and counts.

use std::collections::{BTreeMap, HashMap, HashSet};

use fact::{Erasure, FactId, Kind, SourceId, StoredFact, Timestamp};
use rusqlite::{CachedStatement, Connection, Rows};
use store::{Cursor, Entry, Order, Page, Tally, WindowQuery};

use super::late::Late;
use super::sight::{Sight, borrowed};
use super::single::first_of_sql;
use super::streams::{Parts, Stream};
use crate::row::{FACT, Failed, fact, position, sql};

pub(crate) const ERASURES: &str = "
    SELECT f.content FROM facts f INDEXED BY facts_version WHERE f.entity = ? ORDER BY f.version";
pub(crate) const REDACTED_AT: &str = "
    SELECT r.position, r.id, (SELECT s.id FROM sources s WHERE s.number = b.source), r.occurred_at, r.recorded_at
    FROM redacted r JOIN stubs b ON b.position = r.position WHERE r.position = ?";

/// A part of a window.
pub(crate) fn page(db: &Connection, sight: &Sight, late: &Late, query: &WindowQuery) -> Result<Page, Failed> {
    let streams = Parts::new(db, sight, late, query)?.pages();
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
pub(crate) fn tally(
    db: &Connection,
    sight: &Sight,
    late: &Late,
    query: &WindowQuery,
) -> Result<Tally, Failed> {
    let all = WindowQuery { kinds: None, beyond: None, ..query.clone() };
    let mut named = Named::of(db, sight, query)?;
    let mut by_number: HashMap<(i64, i64), u64> = HashMap::new();
    for stream in Parts::new(db, sight, late, &all)?.counts() {
        let mut statement = db.prepare_cached(&stream.sql)?;
        let mut rows = statement.query(&*borrowed(&stream.named))?;
        while let Some(row) = rows.next()? {
            if named.is_empty() || named.is_counted(row.get(2)?) {
                *by_number.entry((row.get(0)?, row.get(1)?)).or_default() += 1;
            }
        }
    }
    for place in
        named.with.into_values().filter(|(_, kind)| Some(*kind) != sight.numbers.known_kind(&Kind::TEST))
    {
        *by_number.entry(place).or_default() += 1;
    }
    let mut counts: BTreeMap<(SourceId, Kind), u64> = BTreeMap::new();
    for ((source, kind), count) in by_number {
        if let (Some(source), Some(kind)) =
            (sight.numbers.source_named(source), sight.numbers.kind_named(kind))
        {
            counts.insert((source, kind), count);
        }
    }
    Ok(Tally {
        counts: counts.into_iter().map(|((source, kind), count)| (source, kind, count)).collect(),
        expired: expired(db, sight, query)?,
    })
}

/// The facts that a query names, by the positions of their first tellings.
struct Named {
    /// Not counted wherever they lie.
    without: HashSet<i64>,
    /// Counted wherever they lie, with source and kind; those met in the window are taken out.
    with: HashMap<i64, (i64, i64)>,
}

impl Named {
    fn of(db: &Connection, sight: &Sight, query: &WindowQuery) -> Result<Self, Failed> {
        let mut named = Named { without: HashSet::new(), with: HashMap::new() };
        let mut statement = db.prepare_cached(&first_of_sql())?;
        let visible = sight.named();
        let mut first = |id: FactId| -> Result<_, Failed> {
            let mut parameters = borrowed(&visible);
            let id = id.as_bytes();
            parameters.push((":id", id));
            let mut rows = statement.query(&*parameters)?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let first: [u8; 16] = row.get(3)?;
            Ok(Some((row.get(0)?, (row.get(1)?, row.get(2)?), first == *id)))
        };
        for id in &query.without {
            // An edit is told with its original: only the original's id takes it out.
            if let Some((position, _, true)) = first(*id)? {
                named.without.insert(position);
            }
        }
        for id in &query.with {
            if let Some((position, place, _)) = first(*id)?
                && !named.without.contains(&position)
            {
                named.with.insert(position, place);
            }
        }
        Ok(named)
    }

    fn is_empty(&self) -> bool {
        self.without.is_empty() && self.with.is_empty()
    }

    /// Whether a fact of the window counts.
    fn is_counted(&mut self, position: i64) -> bool {
        self.with.remove(&position);
        !self.without.contains(&position)
    }
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
    let few = Parts::new(db, sight, &Late::default(), query).unwrap();
    let mut many = Parts::new(db, sight, &Late::default(), query).unwrap();
    many.late = None;
    let all = [few.pages(), few.counts(), many.pages(), many.counts()];
    all.into_iter().flatten().map(|stream| stream.sql).collect()
}
