//! Commands that say something in one's own words.

use fact::{EntityId, FactId, Kind, Timestamp};

use super::desk::{Desk, Draft};
use super::{Decided, conflict, invalid, not_found, texts};
use crate::{
    ActionTaken, Because, Command, EntryKind, Event, Incident, IncidentRef, Pair, Refusal, Refused,
    ResultOutcome,
};

/// A promise for later than this is none.
const NEXT_WITHIN_DAYS: i64 = 31;

impl Desk<'_, '_> {
    pub(super) fn entry_command(&mut self, command: &Command) -> Result<Decided, Refused> {
        match command {
            Command::Status { incident, text, next_due } => self.status(incident.as_ref(), text, *next_due),
            Command::Did { text, incident, at, temporary, because } => {
                self.did(text, incident.as_ref(), *at, *temporary, *because)
            }
            Command::Note { text, incident, at } => {
                let text = texts::text("note", text)?;
                let event = Event::Noted { text: text.clone() };
                self.say(incident.as_ref(), *at, Kind::NOTE, event, text)
            }
            Command::Why { text, incident, at } => {
                let text = texts::text("question", text)?;
                let event = Event::Asked { text: text.clone() };
                self.say(incident.as_ref(), *at, Kind::QUESTION, event, text)
            }
            Command::Result { action, incident, outcome, text } => {
                self.result(*action, incident.as_ref(), *outcome, text)
            }
            Command::Verdict { .. } => self.verdict(command),
            Command::UndoTemporary { measure, at, text } => {
                let text = texts::optional("remark", text.as_ref())?.unwrap_or_default();
                self.settle(*measure, *at, false, text)
            }
            Command::AcceptTemporary { measure, why } => {
                let why = texts::text("reason", why)?;
                self.settle(*measure, None, true, why)
            }
            _ => unreachable!("decide sends entries only"),
        }
    }

    fn status(
        &mut self,
        incident: Option<&IncidentRef>,
        text: &str,
        next_due: Option<Timestamp>,
    ) -> Result<Decided, Refused> {
        let incident = self.incident_or_open(incident)?;
        let text = texts::text("status", text)?;
        let at = self.time(None)?;
        if let Some(due) = next_due {
            if due < at {
                return Err(invalid(
                    "in-the-past",
                    format!("the next update can't be due at {due}: that is over"),
                ));
            }
            if due > at.plus_minutes(NEXT_WITHIN_DAYS * 24 * 60) {
                return Err(invalid(
                    "too-far",
                    format!("the next update is due within {NEXT_WITHIN_DAYS} days"),
                ));
            }
        }
        let event = Event::StatusTold { text: text.clone(), next_due };
        self.write(incident.id, event, Draft::new(Kind::STATE, at, text))?;
        Ok(self.done(Some(incident.id)))
    }

    fn did(
        &mut self,
        text: &str,
        incident: Option<&IncidentRef>,
        at: Option<Timestamp>,
        temporary: bool,
        because: Option<Because>,
    ) -> Result<Decided, Refused> {
        let text = texts::text("action", text)?;
        if because.is_some() && !temporary {
            return Err(invalid("not-temporary", "only a temporary measure has a reason why it can't stay")
                .hint("add --temporary"));
        }
        let event = Event::Did { text: text.clone(), temporary, because };
        self.say(incident, at, Kind::ACTION, event, text)
    }

    /// Puts an entry into the incident named or the only open one; else keeps it unassigned.
    fn say(
        &mut self,
        named: Option<&IncidentRef>,
        at: Option<Timestamp>,
        kind: Kind,
        event: Event,
        text: String,
    ) -> Result<Decided, Refused> {
        let at = self.time(at)?;
        let draft = Draft::new(kind, at, text);
        match self.incident_or_open(named) {
            Ok(incident) => {
                let incident = self.staying(incident).id;
                self.write(incident, event, draft)?;
                Ok(self.done(Some(incident)))
            }
            Err(refused) if refused.refusal == Refusal::Ambiguous => {
                self.write(EntityId(self.envelope.id.0), event, draft)?;
                let choices = self.state.open_for(&self.viewer).iter().map(|incident| incident.id).collect();
                Ok(Decided { choices, ..self.done(None) })
            }
            Err(refused) => Err(refused),
        }
    }

    /// The incident that stays, if this one is a double and the other one may be seen. What is said
    /// of a private one never goes where more people read it.
    fn staying<'i>(&'i self, incident: &'i Incident) -> &'i Incident {
        let other = incident.same_as.and_then(|id| self.state.incidents.get(&id));
        let is_closed_circle = |other: &&Incident| match (&incident.members, &other.members) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(members), Some(others)) => others.is_subset(members),
        };
        other.filter(|other| self.viewer.sees_entity(other.id)).filter(is_closed_circle).unwrap_or(incident)
    }

    fn result(
        &mut self,
        action: FactId,
        incident: Option<&IncidentRef>,
        outcome: ResultOutcome,
        text: &str,
    ) -> Result<Decided, Refused> {
        self.fact(action)?;
        let placed = self.state.entries.get(&action).map(|entry| (entry.incident, entry.undone));
        if let Some((_, true)) = placed {
            return Err(conflict("taken-back", "this action was taken back"));
        }
        let incident = match (incident, placed) {
            (Some(named), _) => self.incident(named)?.id,
            (None, Some((Some(incident), _))) => incident,
            (None, _) => self.incident_or_open(None)?.id,
        };
        let text = texts::optional("result", Some(&text.to_owned()))?.unwrap_or_default();
        let line = if text.is_empty() { outcome.to_string() } else { text.clone() };
        let draft = Draft::new(Kind::RESULT, self.time(None)?, line).about([action]);
        self.write(incident, Event::ResultTold { action, outcome, text }, draft)?;
        Ok(self.done(Some(incident)))
    }

    fn verdict(&mut self, command: &Command) -> Result<Decided, Refused> {
        let Command::Verdict { incident, action, result, outcome, rule, confirmed } = command else {
            unreachable!("called for a verdict");
        };
        let incident = self.incident(incident)?;
        self.fact(*action)?;
        self.fact(*result)?;
        let rule = rule.as_deref().map(|rule| texts::line("rule", rule)).transpose()?;
        let before = incident.verdicts.get(&Pair { action: *action, result: *result });
        if before.is_some_and(|it| (it.confirmed, it.outcome) == (*confirmed, *outcome)) {
            return Ok(self.so_already(incident.id, Some(incident.id)));
        }
        let line = match confirmed {
            true => format!("confirmed as the result of an action: {outcome}"),
            false => "denied as the result of an action".to_owned(),
        };
        let event = Event::Judged {
            action: *action,
            result: *result,
            outcome: *outcome,
            rule,
            confirmed: *confirmed,
        };
        let draft = Draft::new(Kind::DECISION, self.time(None)?, line).about([*action, *result]);
        self.write(incident.id, event, draft)?;
        Ok(self.done(Some(incident.id)))
    }

    fn settle(
        &mut self,
        measure: FactId,
        at: Option<Timestamp>,
        accepted: bool,
        text: String,
    ) -> Result<Decided, Refused> {
        self.fact(measure)?;
        let action = self.action(measure).filter(|action| action.temporary.is_some());
        let action = action
            .ok_or_else(|| not_found("no-such-measure", format!("fact {measure} is no temporary measure")))?;
        if let Some(end) = action.temporary.as_ref().and_then(|temporary| temporary.settled.as_ref()) {
            let what = if end.accepted { "accepted" } else { "undone" };
            let message = format!("it was {what} by {} at {} already", self.name_of(end.by), end.at.spoken());
            return Err(conflict("already-settled", message));
        }
        let at = self.time(at)?;
        let entry = &self.state.entries[&measure];
        let incident = entry.incident;
        let verb = if accepted { "accepted a temporary measure" } else { "undid a temporary measure" };
        let line = if text.is_empty() { verb.to_owned() } else { format!("{verb}: {text}") };
        let kind = if accepted { Kind::DECISION } else { Kind::ACTION };
        let draft = Draft::new(kind, at, line).about([measure]);
        let entity = incident.unwrap_or(entry.home);
        self.write(entity, Event::Settled { measure, accepted, text }, draft)?;
        Ok(self.done(incident))
    }

    /// What somebody did, wherever it belongs, unless taken back.
    fn action(&self, fact: FactId) -> Option<&ActionTaken> {
        let entry = self.state.entries.get(&fact).filter(|entry| entry.kind == EntryKind::Did)?;
        match entry.incident {
            None => self.state.unassigned.get(&fact).map(|unassigned| &unassigned.said),
            Some(incident) => {
                self.state.incidents.get(&incident)?.actions.iter().find(|action| action.fact == fact)
            }
        }
    }
}
