//! Group commit: what is queued goes into one transaction, and is acknowledged after its commit.

use fact::{Header, StoredFact, Tile, leaf_of_sealed};
use rusqlite::{ErrorCode, params};
use store::{Receipt, StoreError};

use super::derived::derive;
use super::insert::{Numbers, Placed, insert};
use super::plan::{Decision, Pending, careful, hopeful, receipt};
use super::{Append, Prepared, Tip, Writer};
use crate::row::sql;

pub(crate) const MOVE_HEAD: &str = "UPDATE log SET size = ?, root = ? WHERE one = 1";
pub(crate) const ADD_TILE: &str = "INSERT INTO tiles (tile, root) VALUES (?, ?)";

impl Writer {
    /// Writes a group of appends in one transaction and answers each.
    pub(crate) fn append(&mut self, group: Vec<Append>) {
        let facts: Vec<&[Prepared]> = group.iter().map(|append| &append.facts[..]).collect();
        let written = match self.attempt(&facts, false) {
            // Something was there already: look everything up.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                self.attempt(&facts, true)
            }
            other => other,
        };
        match written {
            Ok((receipts, tip)) => self.acknowledge(group, receipts, tip),
            Err(error) => {
                let error = self.failure("appending", error);
                tracing::error!(%error, "the log can't be written");
                for append in group {
                    let _ = append.reply.send(Err(again(&error)));
                }
            }
        }
    }

    /// One transaction: all of the group, or nothing.
    fn attempt(&mut self, group: &[&[Prepared]], look: bool) -> rusqlite::Result<(Vec<Vec<Receipt>>, Tip)> {
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let written = self.write(group, look).and_then(|written| {
            self.db.execute_batch("COMMIT")?;
            Ok(written)
        });
        if written.is_err() {
            self.roll_back();
        }
        written
    }

    /// Undoes the transaction, and what was remembered of it.
    pub(crate) fn roll_back(&mut self) {
        if !self.db.is_autocommit()
            && let Err(error) = self.db.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction can't be rolled back");
        }
        if let Ok(numbers) = Numbers::load(&self.db) {
            self.numbers = numbers;
        }
    }

    fn write(&mut self, group: &[&[Prepared]], look: bool) -> rusqlite::Result<(Vec<Vec<Receipt>>, Tip)> {
        let mut tip = self.tip.clone();
        tip.recorded_at = self.now();
        let mut pending = Pending::default();
        let mut rows = Vec::new();
        let mut receipts = Vec::with_capacity(group.len());
        for facts in group {
            let decisions = if look {
                careful(&self.db, facts, &pending)?
            } else {
                hopeful(&self.db, facts, self.redacted)?
            };
            let mut answers: Vec<Receipt> = Vec::with_capacity(facts.len());
            for (prepared, decision) in facts.iter().zip(&decisions) {
                if let Some(known) = receipt(decision, &answers, facts) {
                    answers.push(known);
                    continue;
                }
                debug_assert!(matches!(decision, Decision::New));
                let placed = self.place(prepared, &mut tip)?;
                if look {
                    pending.add(prepared, placed.position);
                }
                let (position, recorded_at) = (placed.position, placed.recorded_at);
                answers.push(Receipt::Stored { position, recorded_at });
                rows.push(placed);
            }
            receipts.push(answers);
        }
        self.keep(&rows, &tip)?;
        Ok((receipts, tip))
    }

    /// Gives a fact its place at the tip.
    pub(crate) fn place<'a>(
        &mut self,
        prepared: &'a Prepared,
        tip: &mut Tip,
    ) -> rusqlite::Result<Placed<'a>> {
        let fact = &prepared.fact;
        let header = Header {
            position: tip.peaks.size() + 1,
            id: fact.id,
            source: fact.source,
            kind: fact.kind.clone(),
            recorded_at: tip.recorded_at,
        };
        let leaf = leaf_of_sealed(&header, &prepared.sealed);
        if let Some(root) = tip.peaks.push(leaf) {
            let tile = Tile::of(header.position);
            self.db.prepare_cached(ADD_TILE)?.execute(params![sql(tile.0), &root.0[..]])?;
        }
        Ok(Placed {
            position: header.position,
            recorded_at: tip.recorded_at,
            source: self.numbers.source(&self.db, fact.source)?,
            kind: self.numbers.kind(&self.db, &fact.kind)?,
            leaf,
            prepared,
        })
    }

    /// Writes rows, what is derived from them, and the new head.
    pub(crate) fn keep(&self, rows: &[Placed<'_>], tip: &Tip) -> rusqlite::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        insert(&self.db, rows)?;
        rows.iter().try_for_each(|placed| derive(&self.db, placed))?;
        let root = tip.peaks.root();
        self.db.prepare_cached(MOVE_HEAD)?.execute(params![sql(tip.peaks.size()), &root.0[..]])?;
        Ok(())
    }

    fn acknowledge(&mut self, group: Vec<Append>, receipts: Vec<Vec<Receipt>>, tip: Tip) {
        let mut stored = Vec::new();
        let mut answers = Vec::with_capacity(group.len());
        for (append, receipts) in group.into_iter().zip(receipts) {
            for (prepared, receipt) in append.facts.into_iter().zip(&receipts) {
                if let Receipt::Stored { position, recorded_at } = receipt {
                    let (position, recorded_at) = (*position, *recorded_at);
                    stored.push(StoredFact { position, recorded_at, fact: prepared.fact });
                }
            }
            answers.push((append.reply, receipts));
        }
        if !stored.is_empty() {
            self.committed(tip, stored);
        }
        for (reply, receipts) in answers {
            // Whoever went away meanwhile finds the facts known when it asks again.
            let _ = reply.send(Ok(receipts));
        }
    }
}

/// The same error for everyone in the group.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unwritable { what } => StoreError::Unwritable { what: what.clone() },
        StoreError::Damaged { position, what } => {
            StoreError::Damaged { position: *position, what: what.clone() }
        }
        StoreError::Closed => StoreError::Closed,
        StoreError::Database { doing, source } => {
            StoreError::Database { doing, source: source.to_string().into() }
        }
    }
}
