//! Folds entries: put where they belong, corrected, settled, taken back.

use fact::{EntityId, FactId, PersonId, Timestamp};

use super::{Telling, held};
use crate::{
    ActionTaken, Amendment, Because, Correction, Entry, EntryKind, Event, Incident, Pair, Question,
    ResultOutcome, Settled, State, StatusUpdate, Temporary, Unassigned, Verdict,
};

/// What the state shows of an entry.
#[derive(Debug)]
enum Piece {
    Said(ActionTaken),
    Result(ResultOutcome),
    /// Shown in timelines only.
    Nothing,
}

impl State {
    /// Folds an event about an entry; gives back any other.
    pub(super) fn tell_entry(&mut self, told: &Telling, event: Event) -> Option<Event> {
        match event {
            Event::Did { text, temporary, because } => {
                let temporary = temporary.then_some(because);
                self.enter(told, EntryKind::Did, Piece::Said(said(told, text, temporary)));
            }
            Event::Noted { text } => {
                self.enter(told, EntryKind::Note, Piece::Said(said(told, text, None)));
            }
            Event::Asked { text } => self.enter(told, EntryKind::Why, Piece::Said(said(told, text, None))),
            Event::ResultTold { action, outcome, .. } => {
                let pair = Pair { action, result: told.fact };
                self.enter(told, EntryKind::Result(pair), Piece::Result(outcome));
            }
            Event::Judged { action, result, outcome, confirmed, .. } => {
                let verdict = Verdict { fact: told.fact, by: told.by, outcome, confirmed };
                self.judge(told, Pair { action, result }, verdict);
            }
            Event::StatusTold { text, next_due } => self.tell_status(told, text, next_due),
            Event::Settled { measure, accepted, text } => {
                self.enter(told, EntryKind::Settled(measure), Piece::Nothing);
                let end = Settled { fact: told.fact, at: told.at, by: told.by, accepted, text: held(text) };
                self.settled.entry(measure).or_default().insert(told.fact, end);
                self.refresh(measure);
            }
            Event::Amended { fact, occurred_at, text, why } => {
                self.enter(told, EntryKind::Amendment(fact), Piece::Nothing);
                if !self.undone.contains(&told.fact) {
                    let amendment = Amendment {
                        position: told.position,
                        fact: told.fact,
                        by: told.by,
                        at: told.at,
                        occurred_at,
                        text: text.map(held),
                        why: why.map(held),
                    };
                    let history = &mut self.corrections.entry(fact).or_default().history;
                    let at = history.partition_point(|it| it.position < told.position);
                    history.insert(at, amendment);
                }
                self.refresh(fact);
            }
            Event::MovedIn { facts } => self.move_in(told, &facts),
            Event::MovedOut { facts } => {
                if let Some(incident) = self.incidents.get_mut(&told.entity) {
                    incident.moved_in.retain(|fact| !facts.contains(fact));
                    incident.moved_out.extend(facts);
                }
            }
            Event::Undone { fact, .. } => self.take_back(told, fact),
            other => return Some(other),
        }
        None
    }

    /// Takes an entry into the register and puts it where it belongs.
    fn enter(&mut self, told: &Telling, kind: EntryKind, piece: Piece) {
        let home = told.entity;
        let incident = self.incidents.contains_key(&home).then_some(home);
        let (by, at) = (told.by, told.at);
        let entry = Entry { by, at, told_at: at, kind, home, incident, undone: false };
        self.settle_in(told.fact, entry, Some(piece));
    }

    fn judge(&mut self, told: &Telling, pair: Pair, verdict: Verdict) {
        self.enter(told, EntryKind::Verdict(pair), Piece::Nothing);
        if !self.undone.contains(&told.fact)
            && let Some(incident) = self.incidents.get_mut(&told.entity)
        {
            incident.verdicts.insert(pair, verdict);
        }
    }

    fn tell_status(&mut self, told: &Telling, text: String, next_due: Option<Timestamp>) {
        self.enter(told, EntryKind::Status, Piece::Nothing);
        if !self.undone.contains(&told.fact)
            && let Some(incident) = self.incidents.get_mut(&told.entity)
        {
            let at = incident.updates.partition_point(|it| (it.at, it.fact) < (told.at, told.fact));
            let (fact, by, text) = (told.fact, told.by, held(text));
            incident.updates.insert(at, StatusUpdate { fact, at: told.at, by, text, next_due });
        }
    }

    fn move_in(&mut self, told: &Telling, facts: &std::collections::BTreeSet<FactId>) {
        if let Some(incident) = self.incidents.get_mut(&told.entity) {
            incident.moved_out.retain(|fact| !facts.contains(fact));
            incident.moved_in.extend(facts);
        }
        for fact in facts {
            let placed = self.placed.entry(*fact).or_insert((0, told.entity));
            if told.position >= placed.0 {
                *placed = (told.position, told.entity);
            }
            self.refresh(*fact);
        }
    }

    fn take_back(&mut self, told: &Telling, fact: FactId) {
        self.undone.insert(fact);
        if let Some(incident) = self.incidents.get_mut(&told.entity) {
            incident.undone.insert(fact);
        }
        let Some(entry) = self.entries.get(&fact) else { return };
        let (kind, incident) = (entry.kind, entry.incident.and_then(|id| self.incidents.get_mut(&id)));
        match (kind, incident) {
            (EntryKind::Verdict(pair), Some(incident)) => {
                incident.verdicts.retain(|of, verdict| *of != pair || verdict.fact != fact);
            }
            (EntryKind::Status, Some(incident)) => incident.updates.retain(|update| update.fact != fact),
            (EntryKind::Amendment(amended), _) => {
                if let Some(correction) = self.corrections.get_mut(&amended) {
                    correction.history.retain(|amendment| amendment.fact != fact);
                }
                self.refresh(amended);
            }
            (EntryKind::Settled(measure), _) => self.refresh(measure),
            _ => {}
        }
        self.refresh(fact);
    }

    /// Takes an entry out of where it is shown and puts it where it belongs, as it is told now.
    fn refresh(&mut self, fact: FactId) {
        if let Some(entry) = self.entries.remove(&fact) {
            let piece = self.take_out(fact, &entry);
            self.settle_in(fact, entry, piece);
        }
    }

    /// Puts an entry where it belongs, as it is told now.
    fn settle_in(&mut self, fact: FactId, mut entry: Entry, piece: Option<Piece>) {
        entry.undone = self.undone.contains(&fact);
        if entry.kind.is_movable()
            && let Some((_, incident)) = self.placed.get(&fact)
        {
            entry.incident = Some(*incident);
        }
        let correction = self.corrections.get(&fact);
        entry.at = correction.and_then(Correction::occurred_at).unwrap_or(entry.told_at);
        // What was taken back, and a note within an incident, is in the log only: no text of it is kept.
        let is_kept = !entry.undone && (entry.kind != EntryKind::Note || entry.incident.is_none());
        if is_kept {
            let piece = match piece {
                Some(Piece::Said(action)) => Piece::Said(self.corrected(action, entry.at)),
                other => other.unwrap_or(Piece::Nothing),
            };
            self.put_in(&entry, fact, piece);
        } else {
            self.originals.remove(&fact);
        }
        self.entries.insert(fact, entry);
    }

    /// What was said with its amendments, and how it ended if it is a temporary measure.
    fn corrected(&mut self, mut action: ActionTaken, at: Timestamp) -> ActionTaken {
        let fact = action.fact;
        action.at = at;
        if let Some(text) = self.originals.remove(&fact) {
            action.text = text;
        }
        if let Some(text) = self.corrections.get(&fact).and_then(Correction::text) {
            let original = std::mem::replace(&mut action.text, text.to_owned());
            self.originals.insert(fact, original);
        }
        if let Some(temporary) = &mut action.temporary {
            let ends = self.settled.get(&fact).into_iter().flatten();
            let mut valid = ends.filter(|(end, _)| !self.undone.contains(*end));
            temporary.settled = valid.next().map(|(_, end)| end.clone());
        }
        action
    }

    fn take_out(&mut self, fact: FactId, entry: &Entry) -> Option<Piece> {
        let Some(incident) = entry.incident.and_then(|id| self.incidents.get_mut(&id)) else {
            return self.unassigned.remove(&fact).map(|unassigned| Piece::Said(unassigned.said));
        };
        match entry.kind {
            EntryKind::Did => {
                let found = incident.actions.binary_search_by_key(&(entry.at, fact), |it| (it.at, it.fact));
                Some(Piece::Said(incident.actions.remove(found.ok()?)))
            }
            EntryKind::Why => {
                let found = incident.questions.binary_search_by_key(&(entry.at, fact), |it| (it.at, it.fact));
                let Question { fact, at, by, text } = incident.questions.remove(found.ok()?);
                Some(Piece::Said(ActionTaken { fact, at, by, text, temporary: None }))
            }
            EntryKind::Result(pair) => incident.results.remove(&pair).map(Piece::Result),
            _ => None,
        }
    }

    fn put_in(&mut self, entry: &Entry, fact: FactId, piece: Piece) {
        let Some(incident) = entry.incident.and_then(|id| self.incidents.get_mut(&id)) else {
            if let (Piece::Said(said), true) = (piece, entry.home == EntityId::from(fact)) {
                self.unassigned.insert(fact, Unassigned { kind: entry.kind, said });
            }
            return;
        };
        incident.show(entry.kind, piece);
    }
}

impl Incident {
    fn show(&mut self, kind: EntryKind, piece: Piece) {
        match (kind, piece) {
            (EntryKind::Did, Piece::Said(action)) => {
                let at = self.actions.partition_point(|it| (it.at, it.fact) < (action.at, action.fact));
                self.actions.insert(at, action);
            }
            (EntryKind::Why, Piece::Said(ActionTaken { fact, at, by, text, .. })) => {
                let place = self.questions.partition_point(|it| (it.at, it.fact) < (at, fact));
                self.questions.insert(place, Question { fact, at, by, text });
            }
            (EntryKind::Result(pair), Piece::Result(outcome)) => {
                self.results.insert(pair, outcome);
            }
            _ => {}
        }
    }
}

fn said(told: &Telling, text: String, temporary: Option<Option<Because>>) -> ActionTaken {
    let by: PersonId = told.by;
    let temporary = temporary.map(|because| Temporary { because, settled: None });
    ActionTaken { fact: told.fact, at: told.at, by, text: held(text), temporary }
}
