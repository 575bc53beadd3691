//! All state, folded from the log.

use std::collections::{BTreeMap, BTreeSet};

use fact::{EntityId, FactId, PersonId, SourceId, Viewer};

use crate::{
    Correction, Entry, Incident, Person, Role, Settled, ShortName, Source, Status, Unassigned, Window,
};

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
    pub unassigned: BTreeMap<FactId, Unassigned>,
    /// All entries of people, to find what `undo`, `move` and `amend` name.
    pub entries: BTreeMap<FactId, Entry>,
    /// Incidents by number.
    pub numbers: BTreeMap<u64, EntityId>,
    /// Where entries were put by hand, with the position of the fact that did it.
    pub(crate) placed: BTreeMap<FactId, (u64, EntityId)>,
    /// Entries taken back.
    pub(crate) undone: BTreeSet<FactId>,
    /// Ends of temporary measures, by measure and the fact that tells.
    pub(crate) settled: BTreeMap<FactId, BTreeMap<FactId, Settled>>,
    /// Texts of amended entries as first told.
    pub(crate) originals: BTreeMap<FactId, String>,
    /// Versions of entities that are neither incident, person nor source: entries typed without an
    /// incident, and corrected facts.
    pub(crate) loose: BTreeMap<EntityId, Loose>,
}

/// An entity of which only the version matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Loose {
    pub(crate) version: u64,
    pub(crate) read_only: Option<String>,
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
        let person = self.person(person).map_or(person, |survivor| survivor.id);
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
        let unseen = self.sources.keys().filter(|source| !sources.contains(*source));
        let mut hidden: BTreeSet<EntityId> = unseen.map(|source| EntityId::from(*source)).collect();
        for incident in self.incidents.values().filter(|incident| !is_member(&incident.members)) {
            hidden.insert(incident.id);
            // An entry that was typed without an incident is an entity of its own.
            let own = incident.moved_in.iter().filter(|fact| {
                let entry = self.entries.get(*fact);
                entry.is_some_and(|entry| {
                    entry.home == EntityId::from(**fact) && entry.incident == Some(incident.id)
                })
            });
            hidden.extend(own.map(|fact| EntityId::from(*fact)));
        }
        Viewer::person(person, sources, hidden)
    }

    /// The incident that this one lives on as, if it is a double; else itself.
    pub fn lives_on_as<'a>(&'a self, incident: &'a Incident) -> &'a Incident {
        let mut end = incident;
        for _ in 0..self.incidents.len() {
            match end.same_as.and_then(|id| self.incidents.get(&id)) {
                Some(next) => end = next,
                None => break,
            }
        }
        end
    }

    /// Facts that are in an incident's timeline whatever their time and entity: those put in by
    /// hand, and entries typed without an incident that lie in its window.
    pub fn facts_with(&self, incident: &Incident, window: Window) -> BTreeSet<FactId> {
        let loose = self
            .unassigned
            .values()
            .map(|unassigned| &unassigned.said)
            .filter(|said| said.at >= window.from && window.until.is_none_or(|until| said.at <= until));
        let all = incident.moved_in.iter().copied().chain(loose.map(|said| said.fact));
        all.filter(|fact| !incident.moved_out.contains(fact)).collect()
    }

    /// How many facts were folded into an entity.
    pub fn version_of(&self, entity: EntityId) -> u64 {
        let incident = self.incidents.get(&entity).map(|incident| incident.version);
        incident
            .or_else(|| self.people.get(&PersonId(entity.0)).map(|person| person.version))
            .or_else(|| self.sources.get(&SourceId(entity.0)).map(|source| source.version))
            .or_else(|| self.loose.get(&entity).map(|loose| loose.version))
            .unwrap_or(0)
    }

    /// Why an entity can't be changed, if it can't.
    pub fn read_only(&self, entity: EntityId) -> Option<&str> {
        let incident = self.incidents.get(&entity).map(|incident| &incident.read_only);
        incident
            .or_else(|| self.people.get(&PersonId(entity.0)).map(|person| &person.read_only))
            .or_else(|| self.sources.get(&SourceId(entity.0)).map(|source| &source.read_only))
            .or_else(|| self.loose.get(&entity).map(|loose| &loose.read_only))
            .and_then(Option::as_deref)
    }

    /// Incidents that the viewer may see, newest start first.
    pub fn incidents_for<'a>(&'a self, viewer: &Viewer) -> Vec<&'a Incident> {
        let mut seen: Vec<_> =
            self.incidents.values().filter(|incident| viewer.sees_entity(incident.id)).collect();
        seen.sort_by_key(|incident| std::cmp::Reverse((incident.started_at, incident.number)));
        seen
    }

    /// Incidents that the viewer may see and that are neither closed nor doubles, newest start
    /// first. A double that was imported without the incident that it lives on as stands for itself.
    pub fn open_for<'a>(&'a self, viewer: &Viewer) -> Vec<&'a Incident> {
        let mut open = self.incidents_for(viewer);
        open.retain(|incident| {
            incident.status != Status::Closed && self.lives_on_as(incident).id == incident.id
        });
        open
    }

    /// Entries that the viewer may see and that belong to no incident yet, oldest first.
    pub fn unassigned_for<'a>(&'a self, viewer: &Viewer) -> Vec<&'a Unassigned> {
        let seen = self.unassigned.values().filter(|it| viewer.sees_entity(it.said.fact.into()));
        let mut seen: Vec<_> = seen.collect();
        seen.sort_by_key(|it| (it.said.at, it.said.fact));
        seen
    }

    /// An incident that the viewer may see, by `INC-12`, `12` or UUID.
    pub fn incident_named(&self, viewer: &Viewer, name: &str) -> Option<&Incident> {
        let name = name.trim();
        let id = match name.parse::<ShortName>() {
            Ok(ShortName(number)) => *self.numbers.get(&number)?,
            Err(_) => name.parse().ok()?,
        };
        self.incidents.get(&id).filter(|incident| viewer.sees_entity(incident.id))
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
        let known = self.people.values().find(|person| {
            let mut handles = person.handles.iter();
            handles.any(|it| it.text == actor && it.source.is_none_or(|only| only == source))
        })?;
        self.person(known.id)
    }

    /// Whether the person may do what only this role and those above may.
    pub fn role_of(&self, person: PersonId) -> Option<Role> {
        self.person(person).filter(|person| person.active).map(|person| person.role)
    }
}
