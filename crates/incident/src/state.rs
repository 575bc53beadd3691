//! All state, folded from the log.

use std::collections::{BTreeMap, BTreeSet};

use fact::{EntityId, FactId, PersonId, SourceId, Viewer};

use crate::{ActionTaken, Correction, Incident, Person, Role, Source, Status};

/// People, sources, incidents and corrections, as the log tells them up to a position.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The last position folded in.
    pub position: u64,
    /// People by id.
    pub people: BTreeMap<PersonId, Person>,
    /// Sources by id.
    pub sources: BTreeMap<SourceId, Source>,
    /// Incidents by id.
    pub incidents: BTreeMap<EntityId, Incident>,
    /// Corrections by the fact that they correct.
    pub corrections: BTreeMap<FactId, Correction>,
    /// Own entries without an incident: `did`, `note`, `why` typed with several open or none.
    pub unassigned: BTreeMap<FactId, ActionTaken>,
    /// Own entries with the incident that they belong to, to find what `undo` names.
    pub entries: BTreeMap<FactId, EntityId>,
}

impl State {
    /// Who this person lives on as, after joins.
    pub fn person(&self, id: PersonId) -> Option<&Person> {
        let mut person = self.people.get(&id)?;
        for _ in 0..self.people.len() {
            match person.joined_into {
                Some(into) => person = self.people.get(&into)?,
                None => break,
            }
        }
        Some(person)
    }

    /// What a person may see. A private source or incident is seen by its members only, whatever
    /// their role.
    pub fn viewer(&self, person: PersonId) -> Viewer {
        let is_member = |members: &Option<BTreeSet<PersonId>>| {
            members.as_ref().is_none_or(|members| {
                members.iter().any(|member| self.person(*member).is_some_and(|p| p.id == person))
            })
        };
        let mut sources: BTreeSet<SourceId> = self
            .sources
            .values()
            .filter(|source| is_member(&source.members))
            .map(|source| source.id)
            .collect();
        sources.insert(SourceId::OWN);
        let hidden = self
            .incidents
            .values()
            .filter(|incident| !is_member(&incident.members))
            .map(|incident| incident.id)
            .collect();
        Viewer::person(person, sources, hidden)
    }

    /// Incidents that the viewer may see, newest start first.
    pub fn incidents_for<'a>(&'a self, viewer: &Viewer) -> Vec<&'a Incident> {
        let mut seen: Vec<_> =
            self.incidents.values().filter(|incident| viewer.sees_entity(incident.id)).collect();
        seen.sort_by_key(|incident| std::cmp::Reverse((incident.started_at, incident.number)));
        seen
    }

    /// Incidents that the viewer may see and that are not closed, newest start first.
    pub fn open_for<'a>(&'a self, viewer: &Viewer) -> Vec<&'a Incident> {
        let mut open = self.incidents_for(viewer);
        open.retain(|incident| incident.status != Status::Closed);
        open
    }

    /// A source by its name.
    pub fn source_named(&self, name: &str) -> Option<&Source> {
        self.sources.values().find(|source| source.name == name)
    }

    /// A person by name, case folded.
    pub fn person_named(&self, name: &str) -> Option<&Person> {
        let wanted = name.to_lowercase();
        self.people
            .values()
            .find(|person| person.joined_into.is_none() && person.name.to_lowercase() == wanted)
    }

    /// The person behind a handle, if one is known.
    pub fn person_behind(&self, source: SourceId, actor: &str) -> Option<&Person> {
        self.people.values().filter(|person| person.joined_into.is_none()).find(|person| {
            person
                .handles
                .iter()
                .any(|handle| handle.text == actor && handle.source.is_none_or(|only| only == source))
        })
    }

    /// Whether the person may do what only this role and those above may.
    pub fn role_of(&self, person: PersonId) -> Option<Role> {
        self.person(person).filter(|person| person.active).map(|person| person.role)
    }
}
