//! Position after position: no gaps, tiles, the head, intervals.

use std::collections::{BTreeMap, HashMap};

use fact::{Digest, Peaks, SourceId, TILE, Tile};
use rusqlite::Connection;
use store::Head;

use super::erasures::Erasures;
use super::items::{FactRow, Item};
use super::row::{Checked, Names, Told};
use super::{Broken, Stop};
use crate::row::position;
use crate::schema::reach;

pub(crate) const TILES: &str = "SELECT tile, root FROM tiles ORDER BY tile";
pub(crate) const SPANS: &str =
    "SELECT source, thread, begin, ended, until, reach, begun_by, ended_by FROM spans";

/// An interval as the facts tell it.
#[derive(Debug, PartialEq, Eq)]
struct Span {
    ended: Option<i64>,
    until: Option<i64>,
    reach: i64,
    begun_by: u64,
    ended_by: Option<u64>,
}

type SpanKey = (i64, Vec<u8>, i64);

pub(super) struct Fold {
    head: Head,
    peaks: Peaks,
    recorded_at: i64,
    tiles: BTreeMap<u64, Option<Digest>>,
    erasures: Erasures,
    sources: HashMap<i64, SourceId>,
    spans: BTreeMap<SpanKey, Span>,
}

impl Fold {
    pub(super) fn new(db: &Connection, head: Head, erasures: Erasures) -> rusqlite::Result<Self> {
        let mut tiles = BTreeMap::new();
        let mut statement = db.prepare(TILES)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            tiles.insert(position(row.get(0)?), Digest::from_slice(&row.get::<_, Vec<u8>>(1)?));
        }
        let sources = Names::load(db)?.sources;
        let (peaks, spans) = (Peaks::default(), BTreeMap::new());
        Ok(Fold { head, peaks, recorded_at: i64::MIN, tiles, erasures, sources, spans })
    }

    /// How many positions fit so far.
    pub(super) fn size(&self) -> u64 {
        self.peaks.size()
    }

    /// The next position, which fits by itself.
    pub(super) fn add(&mut self, item: &Item, checked: Result<Checked, Broken>) -> Result<(), Broken> {
        let expected = self.peaks.size() + 1;
        let at = item.position();
        if at > self.head.size {
            if expected > self.head.size {
                return Err(Broken::new(at, "it is beyond the end that the log's head tells"));
            }
            return Err(Broken::new(expected, "it is missing"));
        }
        if at > expected {
            return Err(Broken::new(expected, "it is missing"));
        }
        if at < expected {
            return Err(Broken::new(at, "it is there twice, or in a place that no fact can have"));
        }
        let Checked { leaf, told } = checked?;
        match item {
            Item::Fact(row) => self.fact(row, told)?,
            Item::Stub(row) => {
                let source = self.sources.get(&row.source).copied();
                self.erasures.account(row, source)?;
            }
            Item::Expired(row) => {
                let root = self.tiles.get(&row.tile).copied().flatten();
                let root = root.ok_or_else(|| Broken::new(at, "the root of its tile is missing"))?;
                self.erasures.account_tile(row, root)?;
                if !(expected - 1).is_multiple_of(TILE) || at + TILE - 1 > self.head.size {
                    return Err(Broken::new(at, "it is there twice, or in a place that no fact can have"));
                }
                self.peaks.push_tile(root);
            }
            Item::Wrong(broken) => return Err(broken.clone()),
        }
        let Some(root) = leaf.and_then(|leaf| self.peaks.push(leaf)) else { return Ok(()) };
        let tile = Tile::of(at);
        match self.tiles.get(&tile.0) {
            Some(Some(stored)) if *stored == root => Ok(()),
            Some(_) => Err(Broken::new(tile.first(), "the root of its tile does not fit its facts")),
            None => Err(Broken::new(tile.first(), "the root of its tile is missing")),
        }
    }

    fn fact(&mut self, row: &FactRow, told: Option<Told>) -> Result<(), Broken> {
        if row.recorded_at < self.recorded_at {
            return Err(Broken::new(row.position, "it was recorded before the fact before it"));
        }
        self.recorded_at = row.recorded_at;
        let Some(Told { thread, begin, end }) = told else { return Ok(()) };
        let span = self.spans.entry((row.source, thread.to_vec(), begin)).or_insert(Span {
            ended: None,
            until: None,
            reach: 0,
            begun_by: row.position,
            ended_by: None,
        });
        if end.is_some() {
            (span.ended, span.ended_by) = (end, Some(row.position));
        }
        Ok(())
    }

    /// After the last position: the head, and what is derived.
    pub(super) fn finish(mut self, db: &Connection) -> Result<(), Stop> {
        let size = self.peaks.size();
        if size < self.head.size {
            return Err(Broken::new(size + 1, "it is missing").into());
        }
        if let Some((tile, _)) = self.tiles.range(size / TILE..).next() {
            let what = "the root of a tile that is not full is there";
            return Err(Broken::new(Tile(*tile).first(), what).into());
        }
        if self.peaks.root() != self.head.root {
            // Whole tiles fit their roots, so that it is what follows them, if anything does.
            let rest = size - size % TILE + 1;
            let position = if rest > size { 0 } else { rest };
            let what = "the root of the log does not fit its facts, from here on or in the roots of tiles";
            return Err(Broken::new(position, what).into());
        }
        self.erasures.finish()?;
        self.compare_spans(db)
    }

    /// An interval without an end of its own ends where the next one of its thread begins.
    fn settle(&mut self) {
        let mut next: Option<SpanKey> = None;
        for (key, span) in self.spans.iter_mut().rev() {
            let follows = next.as_ref().filter(|next| (next.0, &next.1) == (key.0, &key.1));
            span.until = span.ended.or(follows.map(|next| next.2));
            span.reach = reach(key.2, span.until);
            next = Some(key.clone());
        }
    }

    fn compare_spans(&mut self, db: &Connection) -> Result<(), Stop> {
        self.settle();
        let mut first: Option<u64> = None;
        let mut differs = |at: u64| first = Some(first.map_or(at, |first| first.min(at)));
        let mut statement = db.prepare(SPANS)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key: SpanKey = (row.get(0)?, row.get(1)?, row.get(2)?);
            let stored = Span {
                ended: row.get(3)?,
                until: row.get(4)?,
                reach: row.get(5)?,
                begun_by: position(row.get(6)?),
                ended_by: row.get::<_, Option<i64>>(7)?.map(position),
            };
            match self.spans.remove(&key) {
                Some(told) if told == stored => {}
                Some(told) => differs(told.begun_by),
                None => differs(stored.begun_by),
            }
        }
        self.spans.values().for_each(|told| differs(told.begun_by));
        match first {
            Some(at) => {
                Err(Broken::new(at, "the interval that it begins is kept differently than the facts tell")
                    .into())
            }
            None => Ok(()),
        }
    }
}
