//! Single facts and short lists.

use std::collections::BTreeSet;

use fact::{FactId, SourceId, StoredFact, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _};
use store::{Entry, FiringSpan, SourceStats};

use super::sight::{Named, Sight, VISIBLE, borrowed};
use super::window::{entry_at, redacted_at};
use crate::row::{FACT, Failed, fact, position, sql};

/// How many lags a source's statistics tell.
const LAGS: i64 = 100;

/// The position of the first telling of a fact that is seen.
pub(crate) fn first_sql() -> String {
    format!(
        "SELECT f.position FROM facts g JOIN facts f ON f.identity = g.identity
         WHERE g.id = :id AND {VISIBLE} ORDER BY f.revision LIMIT 1"
    )
}

/// The same with what a count of it needs.
pub(crate) fn first_of_sql() -> String {
    format!(
        "SELECT f.position, f.source, f.kind, f.id FROM facts g JOIN facts f ON f.identity = g.identity
         WHERE g.id = :id AND {VISIBLE} ORDER BY f.revision LIMIT 1"
    )
}

/// The same of a redacted one, with what decides whether it is seen.
pub(crate) const FIRST_REDACTED: &str = "
    SELECT r.position, b.source, r.entity FROM redacted g JOIN redacted r ON r.identity = g.identity
    JOIN stubs b ON b.position = r.position WHERE g.id = ? ORDER BY r.revision LIMIT 1";

pub(crate) fn revisions_sql() -> String {
    format!(
        "SELECT {FACT} FROM facts g JOIN facts f ON f.identity = g.identity
         WHERE g.id = :id AND {VISIBLE} ORDER BY f.revision"
    )
}

pub(crate) fn containing_sql() -> String {
    format!(
        "SELECT {FACT} FROM facts f WHERE instr(f.content, :text) > 0 AND {VISIBLE}
         ORDER BY f.position DESC LIMIT :limit"
    )
}

pub(crate) fn since_sql() -> String {
    format!(
        "SELECT {FACT} FROM facts f WHERE f.position > :position AND {VISIBLE} ORDER BY f.position LIMIT :limit"
    )
}

pub(crate) fn newest_of_source_sql() -> String {
    format!(
        "SELECT {FACT} FROM facts f INDEXED BY facts_source WHERE f.source = :source AND {VISIBLE}
         ORDER BY f.position DESC LIMIT :limit"
    )
}

/// An alert's interval that has not ended, unless its thread has begun another one since.
pub(crate) fn firing_sql() -> String {
    format!(
        "SELECT {FACT}, s.begin FROM spans s INDEXED BY spans_open CROSS JOIN facts f ON f.position = s.begun_by
         WHERE s.until IS NULL AND f.kind = (SELECT number FROM kinds WHERE name = 'alert') AND {VISIBLE}
         ORDER BY s.begin DESC, f.position DESC LIMIT :limit"
    )
}

pub(crate) const COUNTS: &str = "
    SELECT source, sum(n) FROM (
        SELECT source, count(*) AS n FROM facts GROUP BY source
        UNION ALL SELECT source, count(*) FROM stubs GROUP BY source) GROUP BY source";
pub(crate) const EXPIRED_COUNTS: &str = "
    SELECT f.content, sum(e.count) FROM expired e JOIN facts f ON f.position = e.erasure GROUP BY e.erasure";
pub(crate) const LAST: &str = "
    SELECT recorded_at, occurred_at FROM facts WHERE source = ? ORDER BY position DESC LIMIT 1";
/// Among the newest thousand: a source that was only imported is not looked through whole.
pub(crate) const LAG: &str = "
    SELECT f.recorded_at - f.occurred_at FROM (SELECT recorded_at, occurred_at, live, position FROM facts
        WHERE source = ? ORDER BY position DESC LIMIT 1000) f
    WHERE f.live ORDER BY f.position DESC LIMIT ?";

/// A limit as SQL takes it.
pub(crate) fn count(limit: usize) -> Value {
    Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX))
}

/// A fact by the id of any of its revisions, if it is there and seen.
pub(crate) fn entry(db: &Connection, sight: &Sight, id: FactId) -> Result<Option<Entry>, Failed> {
    let mut named = sight.named();
    named.push((":id", Value::Blob(id.as_bytes().to_vec())));
    let found = db
        .prepare_cached(&first_sql())?
        .query_row(&*borrowed(&named), |row| row.get::<_, i64>(0))
        .optional()?;
    if let Some(found) = found {
        return entry_at(db, position(found)).map(Some);
    }
    let left = db
        .prepare_cached(FIRST_REDACTED)?
        .query_row([&id.as_bytes()[..]], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<[u8; 16]>>(2)?))
        })
        .optional()?;
    let Some((at, source, entity)) = left else { return Ok(None) };
    let entity = entity.map(fact::EntityId::from_bytes);
    let seen = sight.sees_number(source) && entity.is_none_or(|entity| sight.sees_entity(entity));
    if seen { redacted_at(db, position(at)).map(Some) } else { Ok(None) }
}

/// Facts by id, in the order asked for.
pub(crate) fn entries(db: &Connection, sight: &Sight, ids: &[FactId]) -> Result<Vec<Entry>, Failed> {
    let mut entries = Vec::new();
    for id in ids {
        entries.extend(entry(db, sight, *id)?);
    }
    Ok(entries)
}

/// Facts that a statement of this module lists.
pub(crate) fn listed(db: &Connection, text: &str, named: Named) -> Result<Vec<StoredFact>, Failed> {
    let mut statement = db.prepare_cached(text)?;
    let mut rows = statement.query(&*borrowed(&named))?;
    let mut facts = Vec::new();
    while let Some(row) = rows.next()? {
        facts.push(fact(row)?);
    }
    Ok(facts)
}

pub(crate) fn revisions(db: &Connection, sight: &Sight, id: FactId) -> Result<Vec<StoredFact>, Failed> {
    let id = (":id", Value::Blob(id.as_bytes().to_vec()));
    listed(db, &revisions_sql(), [sight.named(), vec![id]].concat())
}

/// The text as it stands in the stored JSON, where quotes and control characters are escaped.
pub(crate) fn containing(
    db: &Connection,
    sight: &Sight,
    text: &str,
    limit: usize,
) -> Result<Vec<StoredFact>, Failed> {
    let quoted = serde_json::Value::from(text).to_string();
    let escaped = quoted.as_bytes()[1..quoted.len() - 1].to_vec();
    let own = vec![(":text", Value::Blob(escaped)), (":limit", count(limit))];
    listed(db, &containing_sql(), [sight.named(), own].concat())
}

pub(crate) fn since(
    db: &Connection,
    sight: &Sight,
    position: u64,
    limit: usize,
) -> Result<Vec<StoredFact>, Failed> {
    let own = vec![(":position", Value::Integer(sql(position))), (":limit", count(limit))];
    listed(db, &since_sql(), [sight.named(), own].concat())
}

pub(crate) fn newest(
    db: &Connection,
    sight: &Sight,
    source: SourceId,
    limit: usize,
) -> Result<Vec<StoredFact>, Failed> {
    let Some(number) = sight.numbers.known_source(source) else { return Ok(vec![]) };
    let own = vec![(":source", Value::Integer(number)), (":limit", count(limit))];
    listed(db, &newest_of_source_sql(), [sight.named(), own].concat())
}

pub(crate) fn firing(db: &Connection, sight: &Sight, limit: usize) -> Result<Vec<FiringSpan>, Failed> {
    let mut statement = db.prepare_cached(&firing_sql())?;
    let named = [sight.named(), vec![(":limit", count(limit))]].concat();
    let mut rows = statement.query(&*borrowed(&named))?;
    let mut spans = Vec::new();
    while let Some(row) = rows.next()? {
        spans.push(FiringSpan { begin: Timestamp::from_micros(row.get(6)?), fact: fact(row)? });
    }
    Ok(spans)
}

/// How the sources' recording goes.
pub(crate) fn source_stats(db: &Connection, sight: &Sight) -> Result<Vec<SourceStats>, Failed> {
    let mut counts: std::collections::BTreeMap<SourceId, u64> = Default::default();
    let mut statement = db.prepare_cached(COUNTS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(source) = sight.numbers.source_named(row.get(0)?) {
            *counts.entry(source).or_default() += position(row.get(1)?);
        }
    }
    let mut statement = db.prepare_cached(EXPIRED_COUNTS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let content = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        if let Some(fact::Erasure::Expiry(expiry)) = crate::erasure::record(content) {
            *counts.entry(expiry.source).or_default() += position(row.get(1)?);
        }
    }
    let seen: BTreeSet<SourceId> = sight
        .numbers
        .sources()
        .filter(|(_, number)| sight.sees_number(*number))
        .map(|(source, _)| source)
        .collect();
    let of_seen = counts.into_iter().filter(|(source, _)| seen.contains(source));
    of_seen.map(|(source, facts)| stats(db, sight, source, facts)).collect()
}

fn stats(db: &Connection, sight: &Sight, source: SourceId, facts: u64) -> Result<SourceStats, Failed> {
    let number = sight.numbers.known_source(source).unwrap_or(0);
    let last = db
        .prepare_cached(LAST)?
        .query_row([number], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    let mut lags = db.prepare_cached(LAG)?;
    let lags = lags.query_map([number, LAGS], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(SourceStats {
        source,
        facts,
        last_recorded: last.map(|(recorded, _)| Timestamp::from_micros(recorded)),
        last_occurred: last.map(|(_, occurred)| Timestamp::from_micros(occurred)),
        lags,
    })
}
