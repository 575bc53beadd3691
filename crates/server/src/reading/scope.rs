//! Which facts an incident's timeline is made of.

use std::collections::BTreeSet;

use fact::{EntityId, FactId, SourceId, StoredFact, Timestamp, Viewer};
use incident::{Incident, Scope as Sources, State, Window};
use store::{Entry, Order, WindowQuery};

/// The facts of one incident's timeline, as far as the state tells.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// The incident that it is read from: a double lives on in another one.
    pub incident: EntityId,
    /// The stretch of time; that of a double is joined in.
    pub window: Window,
    /// The sources; `None`: all that the viewer sees.
    pub sources: Option<Vec<SourceId>>,
    /// Facts put in by hand, and entries that were typed without this incident.
    pub with: BTreeSet<FactId>,
    /// Facts taken out by hand.
    pub moved_out: BTreeSet<FactId>,
    /// Facts hidden by hand or taken back.
    pub hidden: BTreeSet<FactId>,
    /// Facts that only say what was starred or hidden.
    pub curation: BTreeSet<FactId>,
    /// Facts whose time was corrected, wherever they lie: their place in the order is another one
    /// than the store's.
    pub retimed: Vec<FactId>,
}

impl Scope {
    /// The scope of an incident that the viewer may see.
    pub(super) fn of(state: &State, viewer: &Viewer, incident: EntityId) -> Option<Scope> {
        Scope::joined(state, viewer, survivor(state, viewer, incident)?)
    }

    /// The scope of what was told of an incident itself, and of its doubles: that of a double
    /// leaves out what was told of the incident that it lives on as.
    pub(super) fn of_itself(state: &State, viewer: &Viewer, incident: EntityId) -> Option<Scope> {
        let incident = state.incidents.get(&incident).filter(|_| viewer.sees_entity(incident))?;
        Scope::joined(state, viewer, incident)
    }

    fn joined(state: &State, viewer: &Viewer, incident: &Incident) -> Option<Scope> {
        let end = survivor(state, viewer, incident.id)?;
        let doubles: Vec<&Incident> = doubles(state, viewer, incident.id);
        let all = || std::iter::once(incident).chain(doubles.iter().copied());

        let window = |one: &Incident| one.window_as_double_of(end);
        let from = all().map(|one| window(one).from).min()?;
        let until = all().map(|one| window(one).until.unwrap_or(Timestamp::MAX)).max()?;
        let mut with: BTreeSet<FactId> = all().flat_map(|one| state.facts_with(one, window(one))).collect();
        let ids: BTreeSet<EntityId> = doubles.iter().map(|double| double.id).collect();
        if !ids.is_empty() {
            let is_of_double = |of: &incident::Entry| of.incident.is_some_and(|of| ids.contains(&of));
            with.extend(state.entries.iter().filter(|(_, of)| is_of_double(of)).map(|(fact, _)| *fact));
        }
        Some(Scope {
            incident: incident.id,
            window: Window { from, until: (until < Timestamp::MAX).then_some(until) },
            sources: sources(state, incident),
            with,
            moved_out: incident.moved_out.clone(),
            hidden: all().flat_map(|one| one.hidden.iter().chain(&one.undone)).copied().collect(),
            curation: all().flat_map(|one| &one.curation).copied().collect(),
            retimed: state
                .corrections
                .iter()
                .filter(|(_, correction)| correction.occurred_at().is_some())
                .map(|(fact, _)| *fact)
                .collect(),
        })
    }

    /// Whether it is shown only to who asks for what is hidden.
    pub(super) fn hides(&self, fact: FactId) -> bool {
        self.hidden.contains(&fact) || self.curation.contains(&fact)
    }

    /// The last moment.
    pub(super) fn until(&self) -> Timestamp {
        self.window.until.unwrap_or(Timestamp::MAX)
    }

    /// As a query to the store, without filters; corrected times are left out.
    pub(super) fn query(&self, include_hidden: bool) -> WindowQuery {
        let mut without: BTreeSet<FactId> = self.moved_out.iter().chain(&self.retimed).copied().collect();
        if !include_hidden {
            without.extend(self.hidden.union(&self.curation));
        }
        WindowQuery {
            from: self.window.from,
            until: self.until(),
            entity: Some(self.incident),
            sources: self.sources.clone(),
            kinds: None,
            with: self.with.difference(&without).copied().collect(),
            without: without.into_iter().collect(),
            order: Order::Ascending,
            beyond: None,
            limit: 0,
        }
    }

    /// Whether a fact whose time was corrected lies in the timeline: by the time first told or by
    /// the corrected one, so that a correction never makes a fact vanish.
    pub(super) fn holds(&self, entry: &Entry, corrected: Timestamp) -> bool {
        let id = entry.id();
        if self.moved_out.contains(&id) {
            return false;
        }
        if self.with.contains(&id) {
            return true;
        }
        match entry {
            Entry::Fact { first, .. } => self.holds_fact(first, corrected),
            Entry::Redacted { source, .. } => self.has_source(*source) && self.holds_time(corrected),
        }
    }

    fn holds_fact(&self, first: &StoredFact, corrected: Timestamp) -> bool {
        let content = &first.fact.content;
        if let Some(entity) = content.entity {
            return entity == self.incident;
        }
        self.has_source(first.fact.source)
            && (self.holds_time(corrected)
                || self.holds_time(content.occurred_at)
                || (content.live && self.holds_time(first.recorded_at))
                || content.span.is_some_and(|span| {
                    span.begin <= self.until() && span.end.is_none_or(|end| end >= self.window.from)
                }))
    }

    fn has_source(&self, source: SourceId) -> bool {
        source == SourceId::OWN || self.sources.as_ref().is_none_or(|only| only.contains(&source))
    }

    fn holds_time(&self, at: Timestamp) -> bool {
        (self.window.from..=self.until()).contains(&at)
    }
}

/// The incident that this one lives on as, if the viewer may see both; else itself.
pub(super) fn survivor<'a>(state: &'a State, viewer: &Viewer, id: EntityId) -> Option<&'a Incident> {
    let seen = |id: EntityId| state.incidents.get(&id).filter(|_| viewer.sees_entity(id));
    let mut incident = seen(id)?;
    for _ in 0..state.incidents.len() {
        match incident.same_as.and_then(seen) {
            Some(next) => incident = next,
            None => break,
        }
    }
    Some(incident)
}

/// The incidents that live on as this one, of those that the viewer may see.
pub(super) fn doubles<'a>(state: &'a State, viewer: &Viewer, id: EntityId) -> Vec<&'a Incident> {
    state
        .incidents
        .values()
        .filter(|other| other.same_as.is_some() && other.id != id && viewer.sees_entity(other.id))
        .filter(|other| survivor(state, viewer, other.id).is_some_and(|end| end.id == id))
        .collect()
}

/// What the incident looks at: chosen sources, or all that the declarer may see. What the viewer
/// may see comes on top, in the store.
fn sources(state: &State, incident: &Incident) -> Option<Vec<SourceId>> {
    match &incident.scope {
        Sources::Only(chosen) => Some(chosen.iter().copied().collect()),
        Sources::VisibleTo(person) => {
            state.viewer(*person).sources().map(|seen| seen.iter().copied().collect())
        }
    }
}

/// Recorded facts that the incident's window does not hold by itself.
pub(crate) fn lies_outside(state: &State, incident: EntityId, facts: &[StoredFact]) -> BTreeSet<FactId> {
    let Some(scope) = Scope::of_itself(state, &Viewer::system(), incident) else { return BTreeSet::new() };
    // An edit belongs to its original, and a sample to nothing.
    let counts =
        |stored: &&StoredFact| stored.fact.content.revision == 0 && stored.fact.kind != fact::Kind::TEST;
    let outside = |stored: &&StoredFact| {
        let id = stored.fact.id;
        let at = state.corrections.get(&id).and_then(incident::Correction::occurred_at);
        !scope.moved_out.contains(&id)
            && !scope.with.contains(&id)
            && !scope.holds_fact(stored, at.unwrap_or(stored.fact.content.occurred_at))
    };
    facts.iter().filter(counts).filter(outside).map(|stored| stored.fact.id).collect()
}
