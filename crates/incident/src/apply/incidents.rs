//! Folds what is told of incidents.

use std::collections::{BTreeMap, BTreeSet};

use super::{Telling, held};
use crate::{Detection, Event, Impact, Incident, IncidentRole, Scope, State, Status, part};

impl State {
    /// Folds an event about an incident; anything else says nothing here and changes nothing.
    pub(super) fn tell_incident(&mut self, told: &Telling, event: Event) {
        if let Event::Declared { number, title, severity, started_at, services, members, external_id } = event
        {
            self.numbers.entry(number).or_insert(told.entity);
            self.incidents.entry(told.entity).or_insert_with(|| Incident {
                id: told.entity,
                number,
                version: 0,
                title: held(title),
                severity,
                status: Status::Open,
                started_at,
                declared_at: told.at,
                declared_by: told.by,
                mitigated_at: None,
                mitigated_by: None,
                closed_at: None,
                closed_by: None,
                external_id,
                window_from: None,
                window_until: None,
                scope: Scope::VisibleTo(told.by),
                members,
                roles: BTreeMap::new(),
                services,
                impact: None,
                detection: None,
                updates: Vec::new(),
                questions: Vec::new(),
                actions: Vec::new(),
                results: BTreeMap::new(),
                verdicts: BTreeMap::new(),
                starred: BTreeSet::new(),
                hidden: BTreeSet::new(),
                moved_in: BTreeSet::new(),
                moved_out: BTreeSet::new(),
                curation: BTreeSet::new(),
                undone: BTreeSet::new(),
                same_as: None,
                read_only: None,
                changed: BTreeMap::new(),
            });
        } else if let Some(incident) = self.incidents.get_mut(&told.entity) {
            if let Some(part) = part::touched_by(&event) {
                incident.changed.insert(part, told.version);
            }
            incident.tell(told, event);
        }
    }
}

impl Incident {
    fn tell(&mut self, told: &Telling, event: Event) {
        match event {
            Event::Retitled { title } => self.title = held(title),
            Event::SeveritySet { severity, .. } => self.severity = severity,
            Event::Began { at } => self.started_at = at,
            Event::RoleSet { role, person } => match person {
                Some(person) => drop(self.roles.insert(role, person)),
                None => drop(self.roles.remove(&role)),
            },
            Event::HandedOver { to, .. } => drop(self.roles.insert(IncidentRole::Commander, to)),
            Event::Mitigated { .. } => {
                self.status = Status::Mitigated;
                self.mitigated_at = Some(told.at);
                self.mitigated_by = Some(told.by);
            }
            Event::Closed { .. } => {
                self.status = Status::Closed;
                self.closed_at = Some(told.at);
                self.closed_by = Some(told.by);
            }
            Event::Reopened { .. } => {
                self.status = Status::Open;
                (self.mitigated_at, self.mitigated_by) = (None, None);
                (self.closed_at, self.closed_by) = (None, None);
            }
            Event::ServicesChanged { add, remove } => {
                self.services.retain(|service| !remove.contains(service));
                self.services.extend(add);
            }
            Event::ImpactSet { from, until, who, how_known, evidence } => {
                let (who, how_known) = (held(who), how_known.map(held));
                self.impact = Some(Impact { fact: told.fact, from, until, who, how_known, evidence });
            }
            Event::DetectionSet { at, by_what, evidence } => {
                self.detection = Some(Detection { fact: told.fact, at, by: held(by_what), evidence });
            }
            Event::Starred { fact, on } => {
                set(&mut self.starred, fact, on);
                self.curation.insert(told.fact);
            }
            Event::Hidden { fact, on } => {
                set(&mut self.hidden, fact, on);
                self.curation.insert(told.fact);
            }
            Event::SameAs { incident } => self.same_as = Some(incident),
            Event::WindowSet { from, until } => (self.window_from, self.window_until) = (from, until),
            Event::ScopeSet { sources } if sources.is_empty() => {
                self.scope = Scope::VisibleTo(self.declared_by)
            }
            Event::ScopeSet { sources } => self.scope = Scope::Only(sources),
            Event::MembersSet { members } => self.members = members,
            // All others are about people, sources or entries and were folded there.
            _ => {}
        }
    }
}

fn set<T: Ord>(items: &mut BTreeSet<T>, item: T, on: bool) -> bool {
    if on { items.insert(item) } else { items.remove(&item) }
}
