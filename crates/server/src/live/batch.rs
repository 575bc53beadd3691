//! What was committed lately, told apart by what a page does with it.

use std::collections::BTreeSet;

use fact::{EntityId, Erasure, FactId, Kind, SourceId, StoredFact, Viewer};
use serde_json::Value;

/// Positions among which some of a source's facts expired; which ones, the log no longer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub source: SourceId,
    pub from: u64,
    pub to: u64,
}

/// Facts of one batch.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The last position in it.
    pub position: u64,
    /// The last state fact in it: the state must know it before anything is rendered.
    pub state: Option<u64>,
    /// New facts and edits.
    pub fresh: Vec<FactId>,
    /// Facts that are shown otherwise now: corrected, starred, hidden, decided on.
    pub again: BTreeSet<FactId>,
    /// Facts that were removed for good, of those that the viewer sees.
    pub gone: Vec<FactId>,
    /// Stretches in which facts expired, of sources that the viewer sees.
    pub expired: Vec<Stretch>,
}

impl Batch {
    /// Takes in what was committed and the viewer sees.
    pub(super) fn take(&mut self, viewer: &Viewer, facts: &[StoredFact]) {
        for stored in facts {
            self.position = self.position.max(stored.position);
            let content = &stored.fact.content;
            if content.entity.is_some_and(|entity| entity != EntityId::LOG) {
                self.state = self.state.max(Some(stored.position));
            }
            if stored.fact.kind == Kind::ERASURE {
                self.erase(viewer, stored);
            }
            let sees_entity = content.entity.is_none_or(|entity| viewer.sees_entity(entity));
            if !viewer.sees_source(stored.fact.source) || !sees_entity || stored.fact.kind == Kind::TEST {
                continue;
            }
            self.fresh.push(stored.fact.id);
            if stored.fact.source == SourceId::OWN || stored.fact.kind == Kind::CORRECTION {
                self.again.extend(&content.about);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.position == 0
    }

    fn erase(&mut self, viewer: &Viewer, record: &StoredFact) {
        let data = Value::Object(record.fact.content.data.clone());
        match serde_json::from_value(data) {
            Ok(Erasure::Redaction(redaction)) => {
                let seen = redaction.facts.iter().filter(|erased| {
                    viewer.sees_source(erased.source)
                        && erased.entity.is_none_or(|entity| viewer.sees_entity(entity))
                });
                self.gone.extend(seen.map(|erased| erased.id));
            }
            Ok(Erasure::Expiry(expiry)) if viewer.sees_source(expiry.source) => {
                let (from, to) = (expiry.from_position, expiry.to_position);
                self.expired.push(Stretch { source: expiry.source, from, to });
            }
            _ => {}
        }
    }
}
