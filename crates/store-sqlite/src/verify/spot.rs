//! A check of a part, for a log that takes longer than a moment: the head against the roots of all
//! tiles and the newest facts, and some tiles whole, drawn by lot.

use std::collections::BTreeSet;
use std::path::Path;

use fact::{Digest, Peaks, TILE, Tile};
use rusqlite::Connection;
use store::{Head, Verdict};

use super::items::Items;
use super::row::{self, Names};
use super::{Broken, Stop, VerifyError, log_row, opened, snapshot_of, verdict};
use crate::row::position;

pub(crate) const ROOTS: &str = "SELECT tile, root FROM tiles ORDER BY tile";

/// Bytes of content after which no further tile is drawn.
const MOST_BYTES: u64 = 64 << 20;

/// What a check of a part found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Whole, as far as was looked.
    pub verdict: Verdict,
    /// Positions that were checked whole.
    pub checked: u64,
    /// Tiles whose roots were checked against the head.
    pub tiles: u64,
}

/// Checks the head, the newest facts, and up to `most` tiles of 256 drawn by lot.
///
/// What is not looked at: the other facts, what accounts for erased ones, and intervals. That is
/// what [`super::verify`] is for.
pub fn spot_check(dir: &Path, most: usize) -> Result<Spot, VerifyError> {
    let mut db = opened(dir)?;
    let snapshot = snapshot_of(&mut db, dir)?;
    let (mut checked, mut tiles) = (0, 0);
    let found = look(&snapshot, most, &mut checked, &mut tiles);
    Ok(Spot { verdict: verdict(found, dir, 0)?, checked, tiles })
}

fn look(db: &Connection, most: usize, checked: &mut u64, tiles: &mut u64) -> Result<Head, Stop> {
    let (_, key, head) = log_row(db)?;
    let names = Names::load(db)?;
    let roots = roots(db, head)?;
    *tiles = roots.len() as u64;
    let mut look = |tile: Tile, last: u64| -> Result<(Vec<Digest>, u64), Stop> {
        let mut leaves = Vec::new();
        let mut bytes = 0;
        let mut items = Items::of_tile(db, tile.0)?;
        for at in tile.first()..=last {
            let item = items.round(1, 1)?.pop().filter(|item| item.position() == at);
            let item = item.ok_or_else(|| Broken::new(at, "it is missing"))?;
            bytes += item.bytes() as u64;
            *checked += 1;
            match row::check(&item, &names, &key)?.leaf {
                Some(leaf) => leaves.push(leaf),
                // All of it has expired: its root is what is left.
                None => return Ok((Vec::new(), bytes)),
            }
        }
        Ok((leaves, bytes))
    };
    let full = head.size / TILE;
    let mut peaks = Peaks::default();
    roots.iter().for_each(|root| peaks.push_tile(*root));
    let (newest, mut bytes) = look(Tile(full), head.size)?;
    for leaf in newest {
        peaks.push(leaf);
    }
    if peaks.size() != head.size || peaks.root() != head.root {
        let what = "the root of the log does not fit the roots of its tiles and its newest facts";
        return Err(Broken::new(Tile(full).first().min(head.size), what).into());
    }
    for tile in drawn(full, most)? {
        if bytes > MOST_BYTES {
            break;
        }
        let (leaves, held) = look(Tile(tile), Tile(tile).last())?;
        bytes += held;
        let mut whole = Peaks::default();
        let root = leaves.into_iter().filter_map(|leaf| whole.push(leaf)).last();
        if root.is_some_and(|root| root != roots[usize::try_from(tile).unwrap_or(usize::MAX)]) {
            return Err(Broken::new(Tile(tile).first(), "the root of its tile does not fit its facts").into());
        }
    }
    Ok(head)
}

/// The roots of all full tiles.
fn roots(db: &Connection, head: Head) -> Result<Vec<Digest>, Stop> {
    let mut roots = Vec::new();
    let mut statement = db.prepare(ROOTS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let missing = || Broken::new(Tile(roots.len() as u64).first(), "the root of its tile is missing");
        let root = Digest::from_slice(&row.get::<_, Vec<u8>>(1)?).ok_or_else(missing)?;
        if position(row.get(0)?) != roots.len() as u64 {
            return Err(missing().into());
        }
        roots.push(root);
    }
    match roots.len() as u64 == head.size / TILE {
        true => Ok(roots),
        false => Err(Broken::new(Tile(roots.len() as u64).first(), "the root of its tile is missing").into()),
    }
}

/// Different tiles below `full`: all, if there are no more than that.
fn drawn(full: u64, most: usize) -> Result<BTreeSet<u64>, Stop> {
    if usize::try_from(full).is_ok_and(|full| full <= most) {
        return Ok((0..full).collect());
    }
    let mut drawn = BTreeSet::new();
    while drawn.len() < most {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|_| rusqlite::Error::InvalidQuery)?;
        drawn.insert(u64::from_le_bytes(bytes) % full);
    }
    Ok(drawn)
}
