//! Folds state facts into the state.
//!
//! Facts of one entity come in the order of their versions. Facts of different entities may come
//! in any order: where one tells something of another's entry (moved, taken back, settled), the
//! word is kept by the entry's id and the entry is put where it belongs once both are known.

mod entries;
mod incidents;
mod people;
mod sources;

use fact::{PersonId, SourceId};

use crate::{Event, Recorded, State, StateFact};

/// Texts longer than this are held by reference: their beginning here, all of it in the fact.
const HELD: usize = 1_024;
/// So many characters of a longer text are held.
const BEGINNING: usize = 1_000;

/// A text as the state holds it.
fn held(mut text: String) -> String {
    if text.len() > HELD {
        let end = text.char_indices().nth(BEGINNING).map_or(text.len(), |(at, _)| at);
        if end < text.len() {
            text.truncate(end);
            text.push('…');
        }
    }
    text.shrink_to_fit();
    text
}

/// One fact being folded.
struct Telling {
    fact: fact::FactId,
    entity: fact::EntityId,
    position: u64,
    at: fact::Timestamp,
    by: PersonId,
    version: u64,
}

impl State {
    /// Folds one state fact in. An event that this version does not know makes its entity
    /// read-only; nothing fails.
    pub fn apply(&mut self, fact: &StateFact) {
        self.position = self.position.max(fact.position);
        match Recorded::read(&fact.event) {
            Ok(Recorded { by, what }) => {
                let telling = Telling {
                    fact: fact.id,
                    entity: fact.entity,
                    position: fact.position,
                    at: fact.occurred_at,
                    by,
                    version: fact.version,
                };
                self.tell(&telling, what);
                self.count(fact, None);
            }
            Err(reason) => self.count(fact, Some(reason)),
        }
    }

    fn tell(&mut self, told: &Telling, event: Event) {
        let Some(event) = self.tell_person(told, event) else { return };
        let Some(event) = self.tell_source(told, event) else { return };
        let Some(event) = self.tell_entry(told, event) else { return };
        self.tell_incident(told, event);
    }

    /// Counts the fact into its entity, and takes note of why it was not understood.
    fn count(&mut self, fact: &StateFact, reason: Option<String>) {
        let (person, source) = (PersonId(fact.entity.0), SourceId(fact.entity.0));
        let (version, read_only) = if let Some(incident) = self.incidents.get_mut(&fact.entity) {
            (&mut incident.version, &mut incident.read_only)
        } else if let Some(person) = self.people.get_mut(&person) {
            (&mut person.version, &mut person.read_only)
        } else if let Some(source) = self.sources.get_mut(&source) {
            (&mut source.version, &mut source.read_only)
        } else {
            let loose = self.loose.entry(fact.entity).or_default();
            (&mut loose.version, &mut loose.read_only)
        };
        *version = (*version).max(fact.version);
        if let Some(reason) = reason {
            read_only.get_or_insert(reason);
        }
    }
}
