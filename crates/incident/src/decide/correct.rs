//! Commands that correct what was recorded or said.

use std::collections::BTreeSet;

use fact::{EntityId, FactId, Kind, SourceId, Timestamp};

use super::desk::{Desk, Draft};
use super::{Decided, conflict, invalid, texts};
use crate::{Act, Command, Entry, EntryKind, Event, Incident, IncidentRef, Refusal, Refused};

impl Desk<'_, '_> {
    pub(super) fn correction_command(&mut self, command: &Command) -> Result<Decided, Refused> {
        match command {
            Command::Assign { fact, incident } => self.assign(*fact, incident),
            Command::Amend { fact, occurred_at, text, why } => {
                self.amend(*fact, *occurred_at, text.as_deref(), why.as_ref())
            }
            Command::Move { fact, from, to } => self.move_fact(*fact, from.as_ref(), to.as_ref()),
            Command::Undo { fact, why } => self.undo(*fact, why.as_ref()),
            Command::Star { incident, fact, on } => self.star(incident, *fact, *on),
            Command::Hide { incident, fact, on } => self.hide(incident, *fact, *on),
            _ => unreachable!("decide sends corrections only"),
        }
    }

    fn assign(&mut self, fact: FactId, incident: &IncidentRef) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        self.fact(fact)?;
        let entry = self.entry(fact, "only a did, note or why typed without an incident can be assigned")?;
        match entry.incident {
            Some(at) if at == incident.id => Ok(self.so_already(incident.id, Some(incident.id))),
            Some(_) => Err(conflict("already-assigned", "it belongs to an incident already").hint("move it")),
            None => self.put(fact, None, incident),
        }
    }

    fn move_fact(
        &mut self,
        fact: FactId,
        from: Option<&IncidentRef>,
        to: Option<&IncidentRef>,
    ) -> Result<Decided, Refused> {
        let from = from.map(|from| self.incident(from)).transpose()?;
        let to = to.map(|to| self.incident(to)).transpose()?;
        let known = self.fact(fact)?;
        if from.is_some() && from.map(|it| it.id) == to.map(|it| it.id) {
            return Err(invalid("same-incident", "it is to move from an incident to the same one"));
        }
        match (self.state.entries.get(&fact), from, to) {
            (_, None, None) => Err(invalid("nowhere", "say out of which or into which incident")),
            (None, ..) if known.entity.is_some() => {
                Err(invalid("not-movable", "a change of state belongs to its incident"))
            }
            (Some(entry), ..) if !entry.kind.is_movable() => {
                Err(invalid("not-movable", "this entry belongs to its incident"))
            }
            (Some(_), _, None) => Err(invalid("nowhere", "an entry belongs somewhere")
                .hint("name the incident it goes to, or undo it")),
            (Some(entry), from, Some(to)) => {
                if let (Some(from), at) = (from, entry.incident)
                    && at != Some(from.id)
                {
                    return Err(conflict("not-there", format!("it is not in {}", from.name())));
                }
                if entry.incident == Some(to.id) {
                    return Ok(self.so_already(to.id, Some(to.id)));
                }
                let from = entry.incident.and_then(|id| self.state.incidents.get(&id));
                self.put(fact, from, to)
            }
            (None, from, to) => self.move_recorded(fact, from, to),
        }
    }

    /// Puts an entry, and the results told of it, into an incident.
    fn put(&mut self, fact: FactId, from: Option<&Incident>, to: &Incident) -> Result<Decided, Refused> {
        let entry = self.entry(fact, "only an entry can be put into an incident")?;
        if entry.undone {
            return Err(conflict("taken-back", "this entry was taken back"));
        }
        if let (Some(from), Some(members)) = (from, &to.members)
            && from.members.as_ref().is_none_or(|seen| !seen.is_subset(members))
        {
            let message = format!("{} has readers who may not know of {}", from.name(), to.name());
            return Err(conflict("was-public", message).hint(
                "undo it, have it redacted if it must not be read, and type it again where it belongs",
            ));
        }
        let mut facts = BTreeSet::from([fact]);
        if let Some(from) = from {
            facts.extend(from.results.keys().filter(|pair| pair.action == fact).map(|pair| pair.result));
        }
        self.move_facts(facts, from, Some(to))
    }

    fn move_recorded(
        &mut self,
        fact: FactId,
        from: Option<&Incident>,
        to: Option<&Incident>,
    ) -> Result<Decided, Refused> {
        let from = from.filter(|from| !from.moved_out.contains(&fact));
        let to_do = to.filter(|to| !to.moved_in.contains(&fact));
        match (from, to_do, to) {
            (None, None, Some(to)) => Ok(self.so_already(to.id, Some(to.id))),
            (None, None, None) => Err(conflict("not-there", "it was taken out already")),
            _ => self.move_facts([fact].into(), from, to_do),
        }
    }

    /// One fact for each incident, and none tells of the other one: it may be private, now or later.
    fn move_facts(
        &mut self,
        facts: BTreeSet<FactId>,
        from: Option<&Incident>,
        to: Option<&Incident>,
    ) -> Result<Decided, Refused> {
        let at = self.time(None)?;
        if let Some(to) = to {
            let line = format!("put {} into {}", so_many(facts.len()), to.name());
            let draft = Draft::new(Kind::CORRECTION, at, line).about(facts.iter().copied());
            self.write(to.id, Event::MovedIn { facts: facts.clone() }, draft)?;
        }
        if let Some(from) = from {
            let line = format!("took {} out of {}", so_many(facts.len()), from.name());
            let draft = Draft::new(Kind::CORRECTION, at, line).about(facts.iter().copied());
            self.write(from.id, Event::MovedOut { facts }, draft)?;
        }
        Ok(self.done(to.or(from).map(|incident| incident.id)))
    }

    fn amend(
        &mut self,
        fact: FactId,
        occurred_at: Option<Timestamp>,
        text: Option<&str>,
        why: Option<&String>,
    ) -> Result<Decided, Refused> {
        let known = self.fact(fact)?;
        let occurred_at = occurred_at.map(|at| self.past(at)).transpose()?;
        let text = text.map(|given| texts::text("text", given)).transpose()?;
        let why = texts::optional("reason", why)?;
        if occurred_at.is_none() && text.is_none() {
            return Err(invalid("nothing-to-amend", "give the right time or the right text"));
        }
        let (source, entity, incident) = match (self.state.entries.get(&fact), known.entity) {
            (Some(entry), _) if !matches!(entry.kind, EntryKind::Did | EntryKind::Note | EntryKind::Why) => {
                return Err(
                    invalid("not-amendable", "this entry can't be amended").hint("undo it and say it anew")
                );
            }
            (Some(entry), _) => {
                self.own_or_allowed(entry)?;
                (SourceId::OWN, entry.incident.unwrap_or(entry.home), entry.incident)
            }
            (None, Some(_)) => {
                let refused = invalid("not-amendable", "a change of state can't be amended");
                return Err(refused.hint("retitle, reopen, severity, impact ... say it anew"));
            }
            (None, None) => (known.source, EntityId::from(fact), None),
        };
        let line = match (&occurred_at, &text) {
            (Some(at), Some(text)) => format!("amended: at {}: {text}", at.spoken()),
            (Some(at), None) => format!("amended: at {}", at.spoken()),
            (None, Some(text)) => format!("amended: {text}"),
            (None, None) => unreachable!("refused above"),
        };
        let draft = Draft::new(Kind::CORRECTION, self.time(None)?, line).about([fact]);
        self.write_as(source, entity, Event::Amended { fact, occurred_at, text, why }, draft)?;
        Ok(self.done(incident))
    }

    fn undo(&mut self, fact: FactId, why: Option<&String>) -> Result<Decided, Refused> {
        let known = self.fact(fact)?;
        let why = texts::optional("reason", why)?;
        let entry =
            self.entry(fact, "only what somebody typed can be taken back: hide it, or have it redacted")?;
        if entry.undone {
            return Err(conflict("taken-back", "it was taken back already"));
        }
        self.own_or_allowed(entry)?;
        let whose = match self.is_own(entry) {
            true => "an entry".to_owned(),
            false => format!("an entry of {}", self.name_of(entry.by)),
        };
        let line = match &why {
            Some(why) => format!("took back {whose}: {why}"),
            None => format!("took back {whose}"),
        };
        let (incident, entity) = (entry.incident, entry.incident.unwrap_or(entry.home));
        let draft = Draft::new(Kind::CORRECTION, self.time(None)?, line).about([fact]);
        self.write_as(known.source, entity, Event::Undone { fact, why }, draft)?;
        Ok(self.done(incident))
    }

    fn star(&mut self, incident: &IncidentRef, fact: FactId, on: bool) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        self.fact(fact)?;
        if incident.starred.contains(&fact) == on {
            return Ok(self.so_already(incident.id, Some(incident.id)));
        }
        let line = if on { "starred a fact" } else { "took a star away" };
        let draft = Draft::new(Kind::CORRECTION, self.time(None)?, line).about([fact]);
        self.write(incident.id, Event::Starred { fact, on }, draft)?;
        Ok(self.done(Some(incident.id)))
    }

    fn hide(&mut self, incident: &IncidentRef, fact: FactId, on: bool) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        self.fact(fact)?;
        if incident.hidden.contains(&fact) == on {
            return Ok(self.so_already(incident.id, Some(incident.id)));
        }
        let line = if on { "hid a fact" } else { "showed a hidden fact again" };
        let draft = Draft::new(Kind::CORRECTION, self.time(None)?, line).about([fact]);
        self.write(incident.id, Event::Hidden { fact, on }, draft)?;
        Ok(self.done(Some(incident.id)))
    }

    fn entry(&self, fact: FactId, message: &str) -> Result<&'_ Entry, Refused> {
        self.state.entries.get(&fact).ok_or_else(|| invalid("not-an-entry", message))
    }

    fn is_own(&self, entry: &Entry) -> bool {
        self.state.person(entry.by).is_some_and(|by| by.id == self.who)
    }

    fn own_or_allowed(&self, entry: &Entry) -> Result<(), Refused> {
        if self.is_own(entry) || self.may(Act::Correct) {
            return Ok(());
        }
        let message = format!("this is {}'s entry", self.name_of(entry.by));
        Err(Refused::new(Refusal::Forbidden, "not-yours", message).hint("ask them, or a responder"))
    }
}

fn so_many(facts: usize) -> String {
    if facts == 1 { "a fact".to_owned() } else { format!("{facts} facts") }
}
