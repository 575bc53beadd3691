//! What insight reads out of an incident's facts, kept until there are others.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use ::insight::{Brief, Seen};
use api::{Count, ExpiredNote, Proposal};
use fact::{EntityId, FactId, Timestamp, Viewer};
use incident::State;
use store::Entry;

use super::changes::changes_entries;
use super::proposals::told;
use super::row::place;
use super::scope::survivor;
use super::timeline::{Newest, newest_entries};
use crate::{App, Problem};

/// Incidents and sorts of viewers remembered.
const REMEMBERED: usize = 64;

/// Of an incident with more facts than are looked through, what was read stays good so long.
const GOOD_MICROS: i64 = 2_000_000;

/// What was read out of an incident's facts.
#[derive(Debug)]
pub(super) struct Insight {
    pub(super) proposals: Vec<Proposal>,
    pub(super) brief: Brief,
    /// Changes shortly before the start.
    pub(super) changes: Vec<Entry>,
    /// Of an incident with more facts than are looked through: what counting them all said.
    pub(super) counts: Option<(Vec<Count>, Vec<ExpiredNote>)>,
    position: u64,
    state_position: u64,
    at: Timestamp,
    is_whole: bool,
}

/// What was read last, by incident and class of viewer.
#[derive(Debug, Default)]
pub struct Remembered(Mutex<HashMap<(EntityId, u64), Arc<Insight>>>);

impl Remembered {
    fn find(&self, key: (EntityId, u64)) -> Option<Arc<Insight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned()
    }

    fn keep(&self, key: (EntityId, u64), insight: Arc<Insight>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED && !known.contains_key(&key) {
            known.clear();
        }
        known.insert(key, insight);
    }

    /// Forgets everything: something was erased.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What insight reads out of an incident's facts that the viewer sees. Of a very large incident only
/// the newest facts are looked through.
pub(super) async fn insight(app: &App, viewer: &Viewer, incident: EntityId) -> Result<Arc<Insight>, Problem> {
    let key = (incident, viewer.class());
    let position = app.store.head().await?.size;
    let now = app.now();
    let state_position = app.state().position;
    if let Some(known) = app.remembered.find(key) {
        let is_good = known.position == position
            || (!known.is_whole
                && known.state_position == state_position
                && now.micros_since(known.at) < GOOD_MICROS);
        if is_good && viewer.sees_entity(incident) {
            return Ok(known);
        }
    }
    let (changes, newest) =
        tokio::try_join!(changes_entries(app, viewer, incident), newest_entries(app, viewer, incident))?;
    let Newest { mut entries, counts } = newest;
    let is_whole = counts.is_none();
    entries.extend(changes.iter().cloned());
    let mut known = BTreeSet::new();
    entries.retain(|entry| known.insert(entry.id()));
    complete(app, viewer, incident, &mut entries).await?;
    let read = {
        let state = app.state();
        let main = survivor(&state, viewer, incident).ok_or_else(Problem::not_found)?;
        let seen: Vec<Seen<'_>> = entries.iter().filter_map(|entry| seen(&state, entry)).collect();
        let open = ::insight::proposals(main, &seen);
        Insight {
            proposals: told(&state, main, &entries, &open),
            brief: ::insight::brief(&state, main, &seen, &open, now),
            changes,
            counts,
            position,
            state_position,
            at: now,
            is_whole,
        }
    };
    let read = Arc::new(read);
    app.remembered.keep(key, read.clone());
    Ok(read)
}

/// Adds what verdicts and actions name, wherever it lies.
async fn complete(
    app: &App,
    viewer: &Viewer,
    incident: EntityId,
    entries: &mut Vec<Entry>,
) -> Result<(), Problem> {
    let known: BTreeSet<FactId> = entries.iter().map(Entry::id).collect();
    let missing: Vec<FactId> = {
        let state = app.state();
        let main = survivor(&state, viewer, incident).ok_or_else(Problem::not_found)?;
        let pairs = main.verdicts.keys().chain(main.results.keys());
        let named: BTreeSet<FactId> = pairs.flat_map(|pair| [pair.action, pair.result]).collect();
        named.difference(&known).copied().collect()
    };
    if !missing.is_empty() {
        entries.extend(app.store.facts(viewer, &missing).await?);
    }
    Ok(())
}

/// A fact as insight sees it: its newest telling, corrected, under its first id.
fn seen<'a>(state: &'a State, entry: &'a Entry) -> Option<Seen<'a>> {
    let Entry::Fact { first, newest } = entry else { return None };
    let correction = state.corrections.get(&first.fact.id);
    let mut seen = Seen::of(newest.as_ref().unwrap_or(first));
    seen.id = first.fact.id;
    seen.at = place(state, entry).occurred_at;
    if let Some(text) = correction.and_then(incident::Correction::text) {
        seen.text = text;
    }
    Some(seen)
}
