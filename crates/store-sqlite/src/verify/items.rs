//! Everything that stands at a position, read side by side in order of position.

use fact::Tile;
use rusqlite::{Connection, Row, Statement};

use super::{Broken, Stop};
use crate::row::{position, sql};

pub(crate) const FACTS: &str = "
    SELECT position, id, source, kind, recorded_at, occurred_at, identity, revision, thread, span_begin, span_end,
        entity, version, live, salt, leaf, content
    FROM facts WHERE position > ? ORDER BY position LIMIT ?";
pub(crate) const STUBS: &str =
    "SELECT position, source, erasure, leaf FROM stubs WHERE position > ? ORDER BY position LIMIT ?";
pub(crate) const REDACTED: &str = "
    SELECT position, id, identity, revision, occurred_at, recorded_at, entity
    FROM redacted WHERE position > ? ORDER BY position LIMIT ?";
pub(crate) const QUOTES: &str =
    "SELECT position, quoted FROM quotes WHERE position > ? ORDER BY position, quoted LIMIT ?";
pub(crate) const EXPIRED: &str =
    "SELECT tile, erasure, count FROM expired WHERE tile > ? ORDER BY tile, erasure LIMIT ?";

/// A row of `facts` as it is stored.
#[derive(Debug)]
pub(super) struct FactRow {
    pub(super) position: u64,
    pub(super) id: Vec<u8>,
    pub(super) source: i64,
    pub(super) kind: i64,
    pub(super) recorded_at: i64,
    pub(super) occurred_at: i64,
    pub(super) identity: Vec<u8>,
    pub(super) revision: i64,
    pub(super) thread: Option<Vec<u8>>,
    pub(super) span: (Option<i64>, Option<i64>),
    pub(super) entity: Option<Vec<u8>>,
    pub(super) version: Option<i64>,
    pub(super) live: i64,
    pub(super) salt: Vec<u8>,
    pub(super) leaf: Vec<u8>,
    pub(super) content: Vec<u8>,
    /// What `quotes` says of it, sorted.
    pub(super) quotes: Vec<Vec<u8>>,
}

/// A row of `stubs`.
#[derive(Debug)]
pub(super) struct StubRow {
    pub(super) position: u64,
    pub(super) source: i64,
    pub(super) erasure: u64,
    pub(super) leaf: Vec<u8>,
    pub(super) redacted: Option<RedactedRow>,
}

/// A row of `redacted`.
#[derive(Debug)]
pub(super) struct RedactedRow {
    pub(super) position: u64,
    pub(super) id: Vec<u8>,
    pub(super) identity: Vec<u8>,
    pub(super) revision: i64,
    pub(super) occurred_at: i64,
    pub(super) recorded_at: i64,
    pub(super) entity: Option<Vec<u8>>,
}

/// Rows of `expired` for one tile: erasure and count.
#[derive(Debug)]
pub(super) struct ExpiredTile {
    pub(super) tile: u64,
    pub(super) counts: Vec<(u64, u64)>,
}

/// What stands at a position, or at the positions of a tile.
#[derive(Debug)]
pub(super) enum Item {
    Fact(Box<FactRow>),
    Stub(StubRow),
    Expired(ExpiredTile),
    /// What stands there can't be.
    Wrong(Broken),
}

impl Item {
    pub(super) fn position(&self) -> u64 {
        match self {
            Item::Fact(row) => row.position,
            Item::Stub(row) => row.position,
            Item::Expired(row) => Tile(row.tile).first(),
            Item::Wrong(broken) => broken.position,
        }
    }

    /// How much content there is.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Item::Fact(row) => row.content.len(),
            _ => 0,
        }
    }
}

/// One table, read ahead in steps.
struct Ahead<'a, T> {
    statement: Statement<'a>,
    read: fn(&Row<'_>) -> rusqlite::Result<(i64, T)>,
    after: i64,
    step: i64,
    rows: std::collections::VecDeque<(i64, T)>,
    done: bool,
}

impl<'a, T> Ahead<'a, T> {
    fn new(
        db: &'a Connection,
        text: &str,
        step: i64,
        read: fn(&Row<'_>) -> rusqlite::Result<(i64, T)>,
    ) -> rusqlite::Result<Self> {
        let statement = db.prepare(text)?;
        Ok(Ahead { statement, read, after: i64::MIN, step, rows: Default::default(), done: false })
    }

    fn fill(&mut self) -> rusqlite::Result<()> {
        if self.rows.len() > 1 || self.done {
            return Ok(());
        }
        // Several rows may share the last place: all of that place are read again next time.
        let mut step = self.step;
        loop {
            let rows = self.statement.query_map([self.after, step], self.read)?;
            let rows = rows.collect::<rusqlite::Result<std::collections::VecDeque<_>>>()?;
            self.done = (rows.len() as i64) < step;
            let last = rows.back().map(|(at, _)| *at);
            let whole = rows.iter().filter(|(at, _)| self.done || Some(*at) != last).count();
            if whole == 0 && !self.done {
                step *= 4;
                continue;
            }
            self.rows.extend(rows.into_iter().take(whole));
            if let Some((at, _)) = self.rows.back() {
                self.after = *at;
            }
            return Ok(());
        }
    }

    fn peek(&mut self) -> rusqlite::Result<Option<i64>> {
        if self.rows.is_empty() {
            self.fill()?;
        }
        Ok(self.rows.front().map(|(at, _)| *at))
    }

    fn next_at(&mut self, at: i64) -> rusqlite::Result<Option<T>> {
        Ok(match self.peek()? {
            Some(front) if front == at => self.rows.pop_front().map(|(_, row)| row),
            _ => None,
        })
    }
}

/// All tables, merged.
pub(super) struct Items<'a> {
    facts: Ahead<'a, FactRow>,
    stubs: Ahead<'a, StubRow>,
    redacted: Ahead<'a, RedactedRow>,
    quotes: Ahead<'a, Vec<u8>>,
    expired: Ahead<'a, (u64, u64)>,
    /// Why reading stopped, told when everything read before is checked.
    failed: Option<rusqlite::Error>,
}

impl<'a> Items<'a> {
    pub(super) fn new(db: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Items {
            // Contents may be large: few are read ahead.
            facts: Ahead::new(db, FACTS, 32, fact_row)?,
            stubs: Ahead::new(db, STUBS, 1_024, stub_row)?,
            redacted: Ahead::new(db, REDACTED, 256, redacted_row)?,
            quotes: Ahead::new(db, QUOTES, 256, |row| Ok((row.get(0)?, row.get(1)?)))?,
            expired: Ahead::new(db, EXPIRED, 256, |row| {
                Ok((row.get(0)?, (position(row.get(1)?), position(row.get(2)?))))
            })?,
            failed: None,
        })
    }

    /// Those of a tile and after it.
    pub(super) fn of_tile(db: &'a Connection, tile: u64) -> rusqlite::Result<Self> {
        let mut items = Items::new(db)?;
        let before = sql(Tile(tile).first()) - 1;
        items.facts.after = before;
        items.stubs.after = before;
        items.redacted.after = before;
        items.quotes.after = before;
        items.expired.after = sql(tile) - 1;
        Ok(items)
    }

    /// The next positions: at most so many, and not much more than so many bytes.
    pub(super) fn round(&mut self, count: usize, bytes: usize) -> Result<Vec<Item>, Stop> {
        let mut round = Vec::new();
        let mut held = 0;
        if let Some(error) = self.failed.take() {
            return Err(error.into());
        }
        while round.len() < count && (held < bytes || round.is_empty()) {
            let item = match self.next() {
                Ok(Some(item)) => item,
                Ok(None) => break,
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            };
            held += item.bytes();
            round.push(item);
        }
        match self.failed.take() {
            Some(error) if round.is_empty() => Err(error.into()),
            failed => {
                self.failed = failed;
                Ok(round)
            }
        }
    }

    fn next(&mut self) -> rusqlite::Result<Option<Item>> {
        let tile = self.expired.peek()?;
        let places = [
            self.facts.peek()?,
            self.stubs.peek()?,
            tile.map(|tile| tile.saturating_mul(sql(fact::TILE)).saturating_add(1)),
            self.redacted.peek()?,
            self.quotes.peek()?,
        ];
        let Some(at) = places.into_iter().flatten().min() else { return Ok(None) };
        let broken = |what: &str| Ok(Some(Item::Wrong(Broken::new(position(at), what))));
        if let Some(tile) = tile
            && places[2] == Some(at)
        {
            let mut counts = Vec::new();
            while let Some(count) = self.expired.next_at(tile)? {
                counts.push(count);
            }
            return Ok(Some(Item::Expired(ExpiredTile { tile: position(tile), counts })));
        }
        if let Some(mut row) = self.facts.next_at(at)? {
            if places[1] == Some(at) {
                return broken("there is both a fact and the stub of an erased one");
            }
            while let Some(quoted) = self.quotes.next_at(at)? {
                row.quotes.push(quoted);
            }
            if places[3] == Some(at) {
                return broken("there is both a fact and what a redaction leaves of one");
            }
            return Ok(Some(Item::Fact(Box::new(row))));
        }
        if let Some(mut row) = self.stubs.next_at(at)? {
            row.redacted = self.redacted.next_at(at)?;
            if places[4] == Some(at) {
                return broken("an erased fact is still said to quote another one");
            }
            return Ok(Some(Item::Stub(row)));
        }
        if places[3] == Some(at) {
            return broken("what a redaction leaves of a fact is there without its stub");
        }
        broken("a quote is noted of a fact that is not there")
    }
}

fn fact_row(row: &Row<'_>) -> rusqlite::Result<(i64, FactRow)> {
    let at = row.get(0)?;
    let fact = FactRow {
        position: position(at),
        id: row.get(1)?,
        source: row.get(2)?,
        kind: row.get(3)?,
        recorded_at: row.get(4)?,
        occurred_at: row.get(5)?,
        identity: row.get(6)?,
        revision: row.get(7)?,
        thread: row.get(8)?,
        span: (row.get(9)?, row.get(10)?),
        entity: row.get(11)?,
        version: row.get(12)?,
        live: row.get(13)?,
        salt: row.get(14)?,
        leaf: row.get(15)?,
        content: row.get(16)?,
        quotes: Vec::new(),
    };
    Ok((at, fact))
}

fn stub_row(row: &Row<'_>) -> rusqlite::Result<(i64, StubRow)> {
    let at = row.get(0)?;
    let (source, erasure, leaf) = (row.get(1)?, position(row.get(2)?), row.get(3)?);
    Ok((at, StubRow { position: position(at), source, erasure, leaf, redacted: None }))
}

fn redacted_row(row: &Row<'_>) -> rusqlite::Result<(i64, RedactedRow)> {
    let at = row.get(0)?;
    let redacted = RedactedRow {
        position: position(at),
        id: row.get(1)?,
        identity: row.get(2)?,
        revision: row.get(3)?,
        occurred_at: row.get(4)?,
        recorded_at: row.get(5)?,
        entity: row.get(6)?,
    };
    Ok((at, redacted))
}
