//! Every erased position is accounted for by exactly one record, and every record by positions.

use std::collections::BTreeMap;

use fact::{Digest, Erased, Erasure, Expiry, SourceId, Tile};
use rusqlite::Connection;

use super::items::{ExpiredTile, RedactedRow, StubRow};
use super::{Broken, time};
use crate::row::position;

/// State facts about the log, by position: the records among them count.
pub(crate) const RECORDS: &str = "SELECT position, content FROM facts WHERE entity = ? ORDER BY position";

/// One record and what was found that it accounts for.
enum Record {
    Expiry { expiry: Expiry, found: u64 },
    Redaction { left: BTreeMap<u64, Erased> },
}

/// All records by position.
pub(super) struct Erasures(BTreeMap<u64, Record>);

impl Erasures {
    pub(super) fn load(db: &Connection) -> rusqlite::Result<Self> {
        let mut records = BTreeMap::new();
        let mut statement = db.prepare(RECORDS)?;
        let mut rows = statement.query([&fact::EntityId::LOG.as_bytes()[..]])?;
        while let Some(row) = rows.next()? {
            let content: Vec<u8> = row.get(1)?;
            let record = match crate::erasure::record(&content) {
                Some(Erasure::Expiry(expiry)) => Record::Expiry { expiry, found: 0 },
                Some(Erasure::Redaction(redaction)) => {
                    let left = redaction.facts.into_iter().map(|erased| (erased.position, erased));
                    Record::Redaction { left: left.collect() }
                }
                None => continue,
            };
            records.insert(position(row.get(0)?), record);
        }
        Ok(Erasures(records))
    }

    /// A stub must be accounted for, and say nothing else than its record.
    pub(super) fn account(&mut self, stub: &StubRow, source: Option<SourceId>) -> Result<(), Broken> {
        let broken = |what: &str| Broken::new(stub.position, what);
        let Some(record) = self.0.get_mut(&stub.erasure) else {
            return Err(broken("it was erased, and no erasure fact accounts for it"));
        };
        match (record, &stub.redacted) {
            (Record::Expiry { expiry, found }, None) => {
                let range = expiry.from_position..=expiry.to_position;
                if source != Some(expiry.source) || !range.contains(&stub.position) {
                    return Err(broken("it was erased, and its erasure fact speaks of others"));
                }
                *found += 1;
                Ok(())
            }
            (Record::Redaction { left }, Some(row)) => match left.remove(&stub.position) {
                Some(erased) if source == Some(erased.source) && is_same(&erased, row) => Ok(()),
                Some(_) => Err(broken("what is left of a redacted fact differs from its erasure fact")),
                None => Err(broken("it was erased, and its erasure fact speaks of others")),
            },
            _ => Err(broken("what is left of an erased fact differs from its erasure fact")),
        }
    }

    /// The counts of a tile that expired whole.
    pub(super) fn account_tile(&mut self, expired: &ExpiredTile, root: Digest) -> Result<(), Broken> {
        let tile = Tile(expired.tile);
        let broken = |what: &str| Broken::new(tile.first(), what);
        if expired.counts.iter().map(|(_, count)| count).sum::<u64>() != fact::TILE {
            return Err(broken("a tile has expired, and the counts of what expired don't add up"));
        }
        let mut is_told = false;
        for (erasure, count) in &expired.counts {
            match self.0.get_mut(erasure) {
                Some(Record::Expiry { expiry, found })
                    if expiry.from_position <= tile.last() && expiry.to_position >= tile.first() =>
                {
                    *found += count;
                    is_told |= expiry.tiles.contains(&(expired.tile, root.hex()));
                }
                _ => return Err(broken("a tile has expired, and no erasure fact accounts for it")),
            }
        }
        if is_told { Ok(()) } else { Err(broken("a tile has expired, and no erasure fact tells its root")) }
    }

    /// Every record has found all that it accounts for.
    pub(super) fn finish(&self) -> Result<(), Broken> {
        let first = self.0.iter().filter_map(|(at, record)| match record {
            Record::Expiry { expiry, found } if *found != expiry.count => {
                let Expiry { from_position, to_position, count, .. } = expiry;
                let what = format!(
                    "the erasure fact at {at} accounts for {count} facts from here to {to_position}, \
                     and {found} are gone"
                );
                Some(Broken::new(*from_position, what))
            }
            Record::Redaction { left } => left.keys().next().map(|gone| {
                Broken::new(
                    *gone,
                    format!("the erasure fact at {at} says that it was erased, and it was not"),
                )
            }),
            Record::Expiry { .. } => None,
        });
        first.min_by_key(|broken| broken.position).map_or(Ok(()), Err)
    }
}

fn is_same(erased: &Erased, row: &RedactedRow) -> bool {
    row.position == erased.position
        && row.id == erased.id.as_bytes()
        && fact::NativeIdentity::from_hex(&erased.identity).is_some_and(|identity| row.identity == identity.0)
        && row.revision == i64::from(erased.revision)
        && time(row.occurred_at) == erased.occurred_at
        && time(row.recorded_at) == erased.recorded_at
        && row.entity.as_deref() == erased.entity.as_ref().map(|entity| &entity.as_bytes()[..])
}
