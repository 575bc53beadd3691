//! The desk at which a command is decided: who gives it, what they see, what it will write.

use std::collections::BTreeMap;

use fact::{Content, EntityId, FactId, Kind, NewFact, PersonId, SourceId, Timestamp, Viewer};
use serde_json::json;

use super::{Context, Decided, Known, conflict, invalid, not_found};
use crate::{Act, Command, Envelope, Event, Incident, IncidentRef, Recorded, Refusal, Refused, Role, State};

/// Further in the future than this is no clock that is a little ahead.
const AHEAD_MINUTES: i64 = 5;
/// Told later than this, an entry is back-dated and not live.
const LIVE_MINUTES: i64 = 15;
/// 2000-01-01: earlier is a clock that was never set.
const EARLIEST: Timestamp = Timestamp::from_secs(946_684_800);

pub(super) struct Desk<'a, 'c> {
    pub(super) state: &'a State,
    pub(super) envelope: &'a Envelope,
    pub(super) who: PersonId,
    pub(super) viewer: Viewer,
    name: String,
    role: Role,
    context: &'a mut Context<'c>,
    facts: Vec<NewFact>,
    written: BTreeMap<EntityId, u64>,
}

/// A fact to be written: what sort, when, as what line.
pub(super) struct Draft {
    pub(super) kind: Kind,
    pub(super) at: Timestamp,
    pub(super) text: String,
    pub(super) about: Vec<FactId>,
}

impl Draft {
    pub(super) fn new(kind: Kind, at: Timestamp, text: impl Into<String>) -> Self {
        Draft { kind, at, text: text.into(), about: Vec::new() }
    }

    pub(super) fn about(mut self, facts: impl IntoIterator<Item = FactId>) -> Self {
        self.about.extend(facts);
        self
    }
}

impl<'a, 'c> Desk<'a, 'c> {
    /// Lets in who may give this command.
    pub(super) fn open(
        state: &'a State,
        envelope: &'a Envelope,
        context: &'a mut Context<'c>,
    ) -> Result<Self, Refused> {
        let (who, name, role) = match (&envelope.command, state.person(context.who)) {
            // The first person adds themselves.
            (Command::AddPerson { name, .. }, None)
                if state.people.is_empty() && context.who.0 == envelope.id.0 =>
            {
                (context.who, name.trim().to_owned(), Role::Admin)
            }
            (_, Some(person)) if person.active => (person.id, person.name.clone(), person.role),
            _ => {
                return Err(Refused::new(Refusal::Forbidden, "not-a-person", "you are not known here")
                    .hint("ask an admin to add you"));
            }
        };
        let act = envelope.command.act();
        if !act.is_allowed_for(role) {
            let least = act.least_role();
            let message = format!("the role {role} may not do this: it takes the role {least}");
            return Err(Refused::new(Refusal::Forbidden, "not-allowed", message));
        }
        let viewer = state.viewer(who);
        let (facts, written) = (Vec::new(), BTreeMap::new());
        Ok(Desk { state, envelope, who, viewer, name, role, context, facts, written })
    }

    /// An id that nobody outside could choose or foresee.
    pub(super) fn fresh_id(&mut self) -> FactId {
        (self.context.fresh_id)()
    }

    pub(super) fn may(&self, act: Act) -> bool {
        act.is_allowed_for(self.role)
    }

    /// The time of what is told: as named, else when the command was given, else now.
    pub(super) fn time(&self, named: Option<Timestamp>) -> Result<Timestamp, Refused> {
        let at = named.or(self.envelope.given_at).unwrap_or(self.context.now);
        self.past(at)
    }

    /// A time that has been, give or take a clock that is a little ahead.
    pub(super) fn past(&self, at: Timestamp) -> Result<Timestamp, Refused> {
        if at > self.context.now.plus_minutes(AHEAD_MINUTES) {
            let message =
                format!("{} is in the future (it is {} here)", at.spoken(), self.context.now.spoken());
            return Err(invalid("in-the-future", message).hint("check the clock and the time zone"));
        }
        self.sane(at)
    }

    /// A time that a clock can show.
    pub(super) fn sane(&self, at: Timestamp) -> Result<Timestamp, Refused> {
        if at < EARLIEST || at > Timestamp::MAX {
            let message = format!("{} can't be: times lie between 2000 and 2200", at.spoken());
            return Err(invalid("absurd-time", message).hint("was the clock ever set?"));
        }
        Ok(at)
    }

    /// The incident that a command names; one that can't be seen is not there.
    pub(super) fn incident(&self, named: &IncidentRef) -> Result<&'a Incident, Refused> {
        self.state.incident_named(&self.viewer, &named.0).ok_or_else(|| {
            let name: String = named.0.chars().take(64).collect();
            not_found("no-such-incident", format!("there is no incident `{name}`"))
        })
    }

    /// The incident that a command names or, if it names none, the only open one.
    pub(super) fn incident_or_open(&self, named: Option<&IncidentRef>) -> Result<&'a Incident, Refused> {
        if let Some(named) = named {
            return self.incident(named);
        }
        let open = self.state.open_for(&self.viewer);
        match open.as_slice() {
            [only] => Ok(only),
            [] => Err(Refused::new(Refusal::Ambiguous, "no-open-incident", "no incident is open")
                .hint("name one, such as INC-1")),
            several => {
                let message = format!("{} incidents are open", several.len());
                let mut refused = Refused::new(Refusal::Ambiguous, "several-open-incidents", message)
                    .hint("name the one you mean");
                refused.choices = several.iter().map(|incident| incident.name()).collect();
                Err(refused)
            }
        }
    }

    /// Refuses what contradicts a change that the person had not seen.
    pub(super) fn unchanged(&self, incident: &Incident, part: &'static str) -> Result<(), Refused> {
        let changed = incident.changed.get(part).copied().unwrap_or(0);
        match self.envelope.seen_version {
            Some(seen) if changed > seen => {
                let name = incident.name();
                let message = format!("the {part} of {name} was changed meanwhile");
                Err(conflict("changed-meanwhile", message).hint("look again, then decide"))
            }
            _ => Ok(()),
        }
    }

    /// What the log knows of a fact that the person may see.
    pub(super) fn fact(&self, id: FactId) -> Result<Known, Refused> {
        let known = (self.context.lookup)(id).filter(|known| {
            let entity = known.entity.is_none_or(|entity| self.viewer.sees_entity(entity));
            entity && self.viewer.sees_source(known.source)
        });
        known.ok_or_else(|| not_found("no-such-fact", format!("there is no fact {id}")))
    }

    /// A person who can take part.
    pub(super) fn person(&self, id: PersonId) -> Result<&'a crate::Person, Refused> {
        let found = self.state.person(id).filter(|person| person.active);
        found.ok_or_else(|| not_found("no-such-person", format!("there is no person {id}")))
    }

    /// Writes a fact of the product's own source about an entity.
    pub(super) fn write(&mut self, entity: EntityId, event: Event, draft: Draft) -> Result<FactId, Refused> {
        self.write_as(SourceId::OWN, entity, event, draft)
    }

    /// Writes a fact of a source about an entity; the first one has the envelope's id.
    pub(super) fn write_as(
        &mut self,
        source: SourceId,
        entity: EntityId,
        event: Event,
        draft: Draft,
    ) -> Result<FactId, Refused> {
        if let Some(reason) = self.state.read_only(entity) {
            return Err(conflict("read-only", format!("this can't be changed here: {reason}"))
                .hint("a newer version of the program wrote it; use that version"));
        }
        let id = match self.facts.is_empty() {
            true => self.envelope.id,
            false => self.fresh_id(),
        };
        let written = self.written.entry(entity).or_insert_with(|| self.state.version_of(entity));
        *written += 1;
        let mut content = Content::new(id.to_string(), draft.at, draft.text);
        content.version = Some(*written);
        content.entity = Some(entity);
        content.actor = Some(self.name.clone());
        content.live = self.context.now <= draft.at.plus_minutes(LIVE_MINUTES);
        content.about = draft.about;
        content.data.insert("event".into(), json!(Recorded { by: self.who, what: event }));
        self.facts.push(NewFact { id, source, kind: draft.kind, content });
        Ok(id)
    }

    /// What was written, in the name of an incident.
    pub(super) fn done(&mut self, incident: Option<EntityId>) -> Decided {
        let facts = std::mem::take(&mut self.facts);
        Decided { facts, fact: self.envelope.id, incident, choices: Vec::new() }
    }

    /// It is so already.
    pub(super) fn so_already(&self, about: EntityId, incident: Option<EntityId>) -> Decided {
        Decided { facts: Vec::new(), fact: FactId(about.0), incident, choices: Vec::new() }
    }

    /// The name of a person, for a line.
    pub(super) fn name_of(&self, id: PersonId) -> &'a str {
        self.state.person(id).map_or("somebody", |person| person.name.as_str())
    }
}
