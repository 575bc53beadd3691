//! Facts of a source into the log: ids, retention, limits, counts.

use fact::{Content, FactId, Kind, NewFact, Timestamp};
use incident::Source;
use store::{Receipt, StoreError};

use crate::App;

/// A fact of a source that wants to be kept.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) id: FactId,
    pub(super) kind: Kind,
    pub(super) content: Content,
}

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kept {
    Stored(u64),
    Known(u64, FactId),
    Refused(String),
}

/// Keeps facts of one source; one answer each, in order. What is answered to be stored is durable.
pub(super) async fn keep(
    app: &App,
    source: &Source,
    candidates: Vec<Candidate>,
) -> Result<Vec<Kept>, StoreError> {
    let now = app.now();
    let mut kept: Vec<Option<Kept>> = Vec::with_capacity(candidates.len());
    let mut facts = Vec::with_capacity(candidates.len());
    for Candidate { id, kind, content } in candidates {
        match refusal(source, &kind, &content, now) {
            Some(why) => kept.push(Some(Kept::Refused(why))),
            None => {
                kept.push(None);
                facts.push(NewFact { id, source: source.id, kind, content });
            }
        }
    }
    let receipts = if facts.is_empty() { Vec::new() } else { app.append(facts).await? };
    let mut receipts = receipts.into_iter().map(|receipt| match receipt {
        Receipt::Stored { position, .. } => Kept::Stored(position),
        Receipt::Known { position, id } => Kept::Known(position, id),
        Receipt::Refused(refusal) => Kept::Refused(refusal.to_string()),
    });
    let kept: Vec<Kept> = kept
        .into_iter()
        .map(|already| already.or_else(|| receipts.next()).expect("the log answers every fact"))
        .collect();
    app.health.count(source.id, &kept, now);
    Ok(kept)
}

fn refusal(source: &Source, kind: &Kind, content: &Content, now: Timestamp) -> Option<String> {
    // The log's own kinds carry authority that no source has.
    if [Kind::STATE, Kind::ERASURE, Kind::CORRECTION].contains(kind) {
        return Some(format!("facts of kind {kind} come from the product itself only"));
    }
    before_retention(source, content.occurred_at, now)
}

/// Why a fact is older than its source lets facts become.
pub(crate) fn before_retention(source: &Source, occurred_at: Timestamp, now: Timestamp) -> Option<String> {
    let days = i64::from(source.retention_days?);
    let oldest = now.plus_minutes(-days * 24 * 60);
    (occurred_at < oldest)
        .then(|| format!("it happened at {occurred_at}, before the source's retention of {days} days began"))
}
