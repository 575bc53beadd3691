//! Names of people, sources and incidents, for people to read.

use api::PersonRef;
use fact::{EntityId, PersonId, SourceId};
use incident::State;

/// A person by name; whoever is unknown is called by the first eight digits of their id.
pub(crate) fn person(state: &State, id: PersonId) -> PersonRef {
    match state.person(id) {
        Some(person) => PersonRef { id: person.id, name: person.name.clone() },
        None => PersonRef { id, name: id.to_string().chars().take(8).collect() },
    }
}

/// A source's name.
pub(super) fn source(state: &State, id: SourceId) -> String {
    match state.sources.get(&id) {
        Some(source) => source.name.clone(),
        None if id == SourceId::OWN => "deadstick".into(),
        None => id.to_string(),
    }
}

/// An incident's short name.
pub(super) fn incident(state: &State, id: EntityId) -> Option<String> {
    state.incidents.get(&id).map(incident::Incident::name)
}
