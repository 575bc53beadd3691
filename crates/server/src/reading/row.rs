//! One line of a timeline.

use std::collections::HashMap;

use api::{Amended, Amendment, PersonRef, Proposal, ResultOf, Row, SpanState, TemporaryState, TimelineFact};
use fact::{Content, EntityId, FactId, Kind, PersonId, SourceId, Timestamp, Viewer};
use incident::{Correction, Incident, ResultOutcome, SourceKind, State};
use serde_json::Value;
use store::{Cursor, Entry};

use super::names;
use super::scope::{doubles, survivor};
use crate::App;

/// From this lag on a fact is shown as late.
const LATE_MICROS: i64 = 60_000_000;

/// Entries as lines, as an incident's timeline shows them; `None`: as seen outside of any.
///
/// The live stream renders new facts with it. Entries that the viewer may not see are left out.
pub fn rows_of(app: &App, viewer: &Viewer, incident: Option<EntityId>, entries: &[Entry]) -> Vec<Row> {
    let state = app.state();
    let mut lens = Lens::new(&state, viewer, incident);
    entries.iter().filter(|entry| is_seen(viewer, entry)).map(|entry| lens.row(entry)).collect()
}

fn is_seen(viewer: &Viewer, entry: &Entry) -> bool {
    let entity = match entry {
        Entry::Fact { first, .. } => first.fact.content.entity,
        Entry::Redacted { .. } => None,
    };
    viewer.sees_source(entry.source()) && entity.is_none_or(|entity| viewer.sees_entity(entity))
}

/// A line's place in a timeline: with the corrected time, if there is one.
pub(super) fn place(state: &State, entry: &Entry) -> Cursor {
    let told = entry.cursor();
    match state.corrections.get(&entry.id()).and_then(Correction::occurred_at) {
        Some(occurred_at) => Cursor { occurred_at, ..told },
        None => told,
    }
}

/// What one incident's state says about facts, prepared for many lines.
pub(super) struct Lens<'a> {
    state: &'a State,
    incidents: Vec<&'a Incident>,
    results: HashMap<FactId, (FactId, ResultOutcome, Option<PersonId>)>,
    temporary: HashMap<FactId, TemporaryState>,
    proposals: HashMap<FactId, Vec<Proposal>>,
    people: HashMap<(SourceId, String), Option<PersonRef>>,
}

impl<'a> Lens<'a> {
    /// For an incident that the viewer may see, its doubles included.
    pub(super) fn new(state: &'a State, viewer: &Viewer, incident: Option<EntityId>) -> Self {
        let main = incident.and_then(|id| survivor(state, viewer, id));
        let incidents: Vec<&Incident> = main
            .into_iter()
            .chain(main.into_iter().flat_map(|main| doubles(state, viewer, main.id)))
            .collect();
        let confirmed = incidents
            .iter()
            .flat_map(|incident| &incident.verdicts)
            .filter(|(_, verdict)| verdict.confirmed)
            .map(|(pair, verdict)| (pair.result, (pair.action, verdict.outcome, Some(verdict.by))));
        let told = incidents
            .iter()
            .flat_map(|incident| &incident.results)
            .map(|(pair, outcome)| (pair.result, (pair.action, *outcome, None)));
        let results = confirmed.chain(told).collect();
        let kept = state.unassigned_for(viewer);
        let temporary = incidents
            .iter()
            .flat_map(|incident| &incident.actions)
            .chain(kept.into_iter().map(|entry| &entry.said))
            .filter_map(|action| {
                let temporary = action.temporary.as_ref()?;
                let shown =
                    TemporaryState { because: temporary.because, in_place: temporary.settled.is_none() };
                Some((action.fact, shown))
            })
            .collect();
        Lens { state, incidents, results, temporary, proposals: HashMap::new(), people: HashMap::new() }
    }

    /// With the proposals of the incident, to be attached to their actions.
    pub(super) fn with_proposals(mut self, proposals: &[Proposal]) -> Self {
        for proposal in proposals {
            self.proposals.entry(proposal.action).or_default().push(proposal.clone());
        }
        self
    }

    /// An entry as a line.
    pub(super) fn row(&mut self, entry: &Entry) -> Row {
        let state = self.state;
        let correction = state.corrections.get(&entry.id());
        match entry {
            Entry::Fact { first, newest } => {
                let told = &first.fact.content;
                let latest = newest.as_ref().map_or(told, |newest| &newest.fact.content);
                let mut row =
                    self.blank(entry, place(state, entry), first.recorded_at, first.fact.kind.clone());
                row.fact.actor.clone_from(&latest.actor);
                row.fact.text = correction.and_then(Correction::text).unwrap_or(&latest.text).to_owned();
                row.fact.thread.clone_from(&latest.thread);
                row.late = told.live && first.recorded_at.micros_since(told.occurred_at) > LATE_MICROS;
                row.imported = !told.live && first.fact.source != SourceId::OWN;
                row.person = self.person(first.fact.source, latest);
                row.result = self.result(first.fact.id);
                row.fact.result_of = row.result.as_ref().map(|result| result.action);
                row.amended = correction.map(|correction| self.amended(correction, told.occurred_at, latest));
                row.edits = newest.as_ref().map_or(0, |newest| newest.fact.content.revision);
                row.deleted = latest.data.get("deleted").and_then(Value::as_bool).unwrap_or(false);
                row.uncertainty_s = latest.uncertainty_s;
                row.zone.clone_from(&latest.zone);
                row.span = latest.span.map(|span| SpanState { begin: span.begin, end: span.end });
                row.has_raw = latest.raw.is_some() || latest.data.contains_key("raw_base64");
                row.version = told.version;
                row
            }
            Entry::Redacted { recorded_at, .. } => {
                let mut row = self.blank(entry, place(state, entry), *recorded_at, Kind::ERASURE);
                row.fact.redacted = true;
                row
            }
        }
    }

    fn blank(&self, entry: &Entry, at: Cursor, recorded_at: Timestamp, kind: Kind) -> Row {
        let (id, source) = (entry.id(), entry.source());
        let is_in = |set: fn(&Incident) -> &std::collections::BTreeSet<FactId>| {
            self.incidents.iter().any(|incident| set(incident).contains(&id))
        };
        Row {
            fact: TimelineFact {
                id,
                position: at.position,
                occurred_at: at.occurred_at,
                recorded_at,
                source: names::source(self.state, source),
                kind,
                actor: None,
                text: String::new(),
                thread: None,
                result_of: None,
                redacted: false,
            },
            late: false,
            imported: false,
            source_kind: self.state.sources.get(&source).map_or(SourceKind::Deadstick, |source| source.kind),
            person: None,
            result: None,
            amended: None,
            edits: 0,
            deleted: false,
            starred: is_in(|incident| &incident.starred),
            hidden: is_in(|incident| &incident.hidden),
            undone: is_in(|incident| &incident.undone),
            moved_in: is_in(|incident| &incident.moved_in),
            uncertainty_s: None,
            zone: None,
            span: None,
            temporary: self.temporary.get(&id).cloned(),
            proposals: self.proposals.get(&id).cloned().unwrap_or_default(),
            has_raw: false,
            version: None,
        }
    }

    /// Who it was: a person's own entry says so itself, a handle is looked up.
    fn person(&mut self, source: SourceId, content: &Content) -> Option<PersonRef> {
        if source == SourceId::OWN {
            let by = content.data.get("event")?.get("by")?.as_str()?.parse().ok()?;
            return Some(names::person(self.state, by));
        }
        let key = (source, content.actor.clone()?);
        if let Some(known) = self.people.get(&key) {
            return known.clone();
        }
        let found = self
            .state
            .person_behind(source, &key.1)
            .map(|person| PersonRef { id: person.id, name: person.name.clone() });
        self.people.insert(key, found.clone());
        found
    }

    /// The action that a fact is a result of: by its own words, or by a confirmed proposal.
    fn result(&self, id: FactId) -> Option<ResultOf> {
        let (action, outcome, by) = *self.results.get(&id)?;
        Some(ResultOf { action, outcome, by: by.map(|by| names::person(self.state, by)) })
    }

    fn amended(&self, correction: &Correction, was_at: Timestamp, latest: &Content) -> Amended {
        let history = correction
            .history
            .iter()
            .map(|it| Amendment {
                fact: it.fact,
                by: names::person(self.state, it.by),
                at: it.at,
                why: it.why.clone(),
            })
            .collect();
        Amended {
            was_at: correction.occurred_at().map(|_| was_at),
            was_text: correction.text().map(|_| latest.text.clone()),
            history,
        }
    }
}
