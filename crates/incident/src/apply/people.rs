//! Folds what is told of people.

use std::collections::BTreeSet;

use fact::PersonId;

use super::Telling;
use crate::{Event, Handle, Person, State};

impl State {
    /// Folds an event about a person; gives back any other.
    pub(super) fn tell_person(&mut self, told: &Telling, event: Event) -> Option<Event> {
        let id = PersonId(told.entity.0);
        if let Event::PersonAdded { name, role } = event {
            self.people.entry(id).or_insert_with(|| Person {
                id,
                name,
                role,
                handles: BTreeSet::new(),
                joined_into: None,
                active: true,
                version: 0,
                read_only: None,
            });
            return None;
        }
        let Some(person) = self.people.get_mut(&id) else { return Some(event) };
        match event {
            Event::PersonRoleSet { role } => person.role = role,
            Event::HandleAdded { handle, source } => {
                person.handles.insert(Handle { source, text: handle });
            }
            Event::JoinedInto { person: into } => person.joined_into = Some(into),
            Event::Deactivated => person.active = false,
            other => return Some(other),
        }
        None
    }
}
