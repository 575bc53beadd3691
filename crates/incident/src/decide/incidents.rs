//! Commands about an incident's state.

use std::collections::BTreeSet;

use fact::{EntityId, FactId, Kind, PersonId, Timestamp};

use super::desk::{Desk, Draft};
use super::{Decided, conflict, invalid, texts};
use crate::{Command, Event, Incident, IncidentRef, IncidentRole, Refused, Status, part};

/// More services than this is a list of everything.
const MAX_SERVICES: usize = 100;

impl Desk<'_, '_> {
    pub(super) fn incident_command(&mut self, command: &Command) -> Result<Decided, Refused> {
        match command {
            Command::Declare { .. } => self.declare(command),
            Command::Retitle { incident, title } => self.retitle(incident, title),
            Command::Severity { incident, severity, why } => self.severity(incident, *severity, why.as_ref()),
            Command::Began { incident, at } => self.began(incident, *at),
            Command::Role { incident, role, person } => self.role(incident, *role, *person),
            Command::HandOver { incident, to, brief } => self.hand_over(incident, *to, brief),
            Command::Mitigated { incident, at, text } => {
                self.mitigated(incident.as_ref(), *at, text.as_ref())
            }
            Command::Close { incident, at, text } => self.close(incident.as_ref(), *at, text.as_ref()),
            Command::Reopen { incident, why } => self.reopen(incident, why.as_ref()),
            Command::Services { incident, add, remove } => self.services(incident, add, remove),
            Command::Impact { .. } => self.impact(command),
            Command::Detection { incident, at, by, evidence } => self.detection(incident, *at, by, *evidence),
            Command::SameAs { incident, same_as } => self.same_as(incident, same_as),
            Command::Window { incident, from, until } => self.window(incident, *from, *until),
            Command::Scope { incident, sources } => self.scope(incident, sources),
            Command::Privacy { incident, private, add, remove } => {
                self.privacy(incident, *private, add, remove)
            }
            _ => unreachable!("decide sends commands about incidents only"),
        }
    }

    fn declare(&mut self, command: &Command) -> Result<Decided, Refused> {
        let Command::Declare { title, severity, started_at, services, private, external_id } = command else {
            unreachable!("called for a declaration");
        };
        let title = texts::line("title", title)?;
        let severity = checked_severity(*severity)?;
        let at = self.time(None)?;
        let started_at = self.past(started_at.unwrap_or(at))?;
        let external_id = external_id.as_deref().map(|id| texts::line("external id", id)).transpose()?;
        let lot = self.fresh_id();
        let event = Event::Declared {
            number: self.state.next_number(*private, lot),
            title: title.clone(),
            severity,
            started_at: started_at.min(at),
            services: checked_services(services)?,
            members: private.then(|| [self.who].into()),
            external_id,
        };
        let Event::Declared { number, .. } = &event else { unreachable!("just made") };
        let line = format!("declared INC-{number} \"{title}\" (severity {severity})");
        let entity = EntityId(self.envelope.id.0);
        self.write(entity, event, Draft::new(Kind::STATE, at, line))?;
        Ok(self.done(Some(entity)))
    }

    fn retitle(&mut self, incident: &IncidentRef, title: &str) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        self.unchanged(incident, part::TITLE)?;
        let title = texts::line("title", title)?;
        if title == incident.title {
            return Ok(self.so_already(incident.id, Some(incident.id)));
        }
        let line = format!("retitled {} \"{title}\"", incident.name());
        self.tell(incident, Event::Retitled { title }, Kind::STATE, line)
    }

    fn severity(
        &mut self,
        incident: &IncidentRef,
        severity: u8,
        why: Option<&String>,
    ) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        self.unchanged(incident, part::SEVERITY)?;
        let severity = checked_severity(severity)?;
        let why = texts::optional("reason", why)?;
        if severity == incident.severity {
            return Ok(self.so_already(incident.id, Some(incident.id)));
        }
        let line = with_remark(format!("severity {} → {severity}", incident.severity), why.as_deref());
        self.tell(incident, Event::SeveritySet { severity, why }, Kind::STATE, line)
    }

    fn began(&mut self, incident: &IncidentRef, at: Timestamp) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        self.unchanged(incident, part::START)?;
        let at = self.past(at)?;
        if at == incident.started_at {
            return Ok(self.so_already(incident.id, Some(incident.id)));
        }
        if let Some(end) = incident.mitigated_at.or(incident.closed_at).filter(|end| *end < at) {
            return Err(invalid(
                "wrong-order",
                format!("{} was over at {}, before {}", incident.name(), end.spoken(), at.spoken()),
            ));
        }
        let line =
            format!("{} began at {}, not at {}", incident.name(), at.spoken(), incident.started_at.spoken());
        self.tell(incident, Event::Began { at }, Kind::CORRECTION, line)
    }

    fn role(
        &mut self,
        incident: &IncidentRef,
        role: IncidentRole,
        person: Option<PersonId>,
    ) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        self.unchanged(incident, part::of_role(role))?;
        let holder = incident.roles.get(&role).copied();
        let person = person.map(|person| self.member(incident, person)).transpose()?;
        if person == holder.and_then(|holder| self.state.person(holder)).map(|holder| holder.id) {
            return Ok(self.so_already(incident.id, Some(incident.id)));
        }
        let line = match person {
            Some(person) => format!("{} is {role} of {}", self.name_of(person), incident.name()),
            None => format!("nobody is {role} of {}", incident.name()),
        };
        self.tell(incident, Event::RoleSet { role, person }, Kind::ROLE, line)
    }

    fn hand_over(&mut self, incident: &IncidentRef, to: PersonId, brief: &str) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        self.unchanged(incident, part::of_role(IncidentRole::Commander))?;
        let to = self.member(incident, to)?;
        let brief = texts::brief(brief)?;
        let line = format!("handed over {} to {}", incident.name(), self.name_of(to));
        self.tell(incident, Event::HandedOver { to, brief }, Kind::ROLE, line)
    }

    fn mitigated(
        &mut self,
        incident: Option<&IncidentRef>,
        at: Option<Timestamp>,
        text: Option<&String>,
    ) -> Result<Decided, Refused> {
        let incident = self.incident_or_open(incident)?;
        let at = self.end(incident, at)?;
        self.not_closed(incident)?;
        if incident.status == Status::Mitigated {
            let told = (incident.mitigated_by, incident.mitigated_at);
            return Err(self.told_already("already-mitigated", "mitigated", incident, told));
        }
        self.unchanged(incident, part::STATUS)?;
        let text = texts::optional("remark", text)?;
        let line = with_remark(format!("mitigated {}", incident.name()), text.as_deref());
        self.tell_at(incident, Event::Mitigated { text }, Kind::STATE, at, line)
    }

    fn close(
        &mut self,
        incident: Option<&IncidentRef>,
        at: Option<Timestamp>,
        text: Option<&String>,
    ) -> Result<Decided, Refused> {
        let incident = self.incident_or_open(incident)?;
        let at = self.end(incident, at)?;
        self.not_closed(incident)?;
        self.unchanged(incident, part::STATUS)?;
        if let Some(mitigated) = incident.mitigated_at.filter(|mitigated| at < *mitigated) {
            let (mitigated, at) = (mitigated.spoken(), at.spoken());
            let message = format!("{} was mitigated at {mitigated}, after {at}", incident.name());
            return Err(invalid("wrong-order", message));
        }
        let text = texts::optional("remark", text)?;
        let line = with_remark(format!("closed {}", incident.name()), text.as_deref());
        self.tell_at(incident, Event::Closed { text }, Kind::STATE, at, line)
    }

    fn reopen(&mut self, incident: &IncidentRef, why: Option<&String>) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        if incident.status == Status::Open {
            return Err(conflict("not-closed", format!("{} is open", incident.name())));
        }
        self.unchanged(incident, part::STATUS)?;
        let why = texts::optional("reason", why)?;
        let line = with_remark(format!("reopened {}", incident.name()), why.as_deref());
        self.tell(incident, Event::Reopened { why }, Kind::STATE, line)
    }

    fn services(
        &mut self,
        incident: &IncidentRef,
        add: &[String],
        remove: &[String],
    ) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        let mut add = checked_services(add)?;
        add.retain(|service| !incident.services.contains(service));
        let mut remove = checked_services(remove)?;
        remove.retain(|service| incident.services.contains(service));
        if add.is_empty() && remove.is_empty() {
            return Ok(self.so_already(incident.id, Some(incident.id)));
        }
        if incident.services.len() + add.len() > MAX_SERVICES {
            return Err(too_many_services());
        }
        let names = |services: &BTreeSet<String>| services.iter().cloned().collect::<Vec<_>>().join(", ");
        let parts = [("added", &add), ("removed", &remove)];
        let told = parts.iter().filter(|(_, set)| !set.is_empty());
        let told: Vec<_> = told.map(|(verb, set)| format!("{verb} {}", names(set))).collect();
        let line = format!("affected services: {}", told.join("; "));
        self.tell(incident, Event::ServicesChanged { add, remove }, Kind::STATE, line)
    }

    fn impact(&mut self, command: &Command) -> Result<Decided, Refused> {
        let Command::Impact { incident, from, until, who, how_known, evidence } = command else {
            unreachable!("called for an impact");
        };
        let incident = self.incident(incident)?;
        self.unchanged(incident, part::IMPACT)?;
        for at in [from, until].into_iter().flatten() {
            self.past(*at)?;
        }
        if let (Some(from), Some(until)) = (from, until)
            && from > until
        {
            return Err(invalid("wrong-order", "the impact ends before it begins"));
        }
        let who = texts::text("impact", who)?;
        let how_known = texts::optional("way it is known", how_known.as_ref())?;
        evidence.map(|fact| self.fact(fact)).transpose()?;
        let known = how_known.as_ref().map(|how| format!(" (known by {how})")).unwrap_or_default();
        let draft =
            Draft::new(Kind::STATE, self.time(None)?, format!("impact: {who}{known}")).about(*evidence);
        let event = Event::ImpactSet { from: *from, until: *until, who, how_known, evidence: *evidence };
        self.write(incident.id, event, draft)?;
        Ok(self.done(Some(incident.id)))
    }

    fn detection(
        &mut self,
        incident: &IncidentRef,
        at: Timestamp,
        by: &str,
        evidence: Option<FactId>,
    ) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        self.unchanged(incident, part::DETECTION)?;
        let at = self.past(at)?;
        let by_what = texts::text("way it was noticed", by)?;
        evidence.map(|fact| self.fact(fact)).transpose()?;
        let line = format!("noticed at {} by {by_what}", at.spoken());
        let draft = Draft::new(Kind::STATE, self.time(None)?, line).about(evidence);
        self.write(incident.id, Event::DetectionSet { at, by_what, evidence }, draft)?;
        Ok(self.done(Some(incident.id)))
    }

    fn same_as(&mut self, incident: &IncidentRef, same_as: &IncidentRef) -> Result<Decided, Refused> {
        let (incident, other) = (self.incident(incident)?, self.incident(same_as)?);
        self.unchanged(incident, part::SAME_AS)?;
        // The one that stays, if the other one is a double itself.
        let other = other.same_as.and_then(|id| self.state.incidents.get(&id)).unwrap_or(other);
        if other.id == incident.id {
            return Err(invalid("same-as-itself", format!("{} is that one", incident.name())));
        }
        if incident.same_as == Some(other.id) {
            return Ok(self.so_already(incident.id, Some(incident.id)));
        }
        let narrower = other
            .members
            .as_ref()
            .is_some_and(|members| incident.members.as_ref().is_none_or(|own| !own.is_subset(members)));
        if narrower {
            let message =
                format!("{} is seen by people who may not know of {}", incident.name(), other.name());
            return Err(conflict("would-reveal", message).hint("make it private to the same members first"));
        }
        // No number in the line: the other one may become private later.
        let line = format!("{} is a double: its timeline is read with another incident's", incident.name());
        self.tell(incident, Event::SameAs { incident: other.id }, Kind::CORRECTION, line)
    }

    fn window(
        &mut self,
        incident: &IncidentRef,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        self.unchanged(incident, part::WINDOW)?;
        for at in [from, until].into_iter().flatten() {
            self.sane(at)?;
        }
        if (from, until) == (incident.window_from, incident.window_until) {
            return Ok(self.so_already(incident.id, Some(incident.id)));
        }
        let begin = from.unwrap_or_else(|| incident.started_at.plus_minutes(-Incident::BEFORE_MINUTES));
        if until.is_some_and(|until| until <= begin) {
            return Err(invalid("wrong-order", "the window ends before it begins"));
        }
        let told = |at: Option<Timestamp>| at.map_or("as usual".to_owned(), |at| at.to_string());
        let line = format!("window of {}: from {}, until {}", incident.name(), told(from), told(until));
        self.tell(incident, Event::WindowSet { from, until }, Kind::STATE, line)
    }

    fn scope(&mut self, incident: &IncidentRef, names: &[String]) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        self.unchanged(incident, part::SCOPE)?;
        let sources = names.iter().map(|name| self.seen_source(name).map(|source| source.id));
        let sources = sources.collect::<Result<BTreeSet<_>, _>>()?;
        // No names in the line: a source may be private.
        let line = match sources.len() {
            0 => format!("{} looks at all sources", incident.name()),
            1 => format!("{} looks at one source", incident.name()),
            several => format!("{} looks at {several} sources", incident.name()),
        };
        self.tell(incident, Event::ScopeSet { sources }, Kind::STATE, line)
    }

    fn privacy(
        &mut self,
        incident: &IncidentRef,
        private: bool,
        add: &[PersonId],
        remove: &[PersonId],
    ) -> Result<Decided, Refused> {
        let incident = self.incident(incident)?;
        self.unchanged(incident, part::PRIVACY)?;
        let declarer = self.state.person(incident.declared_by).map(|person| person.id);
        let first = || {
            let roles =
                incident.roles.values().filter_map(|id| self.state.person(*id)).map(|person| person.id);
            roles.chain(declarer).chain([self.who]).collect()
        };
        let members = self.members(incident.members.as_ref(), private, add, remove, first)?;
        if members.as_ref().is_some_and(|members| declarer.is_some_and(|it| !members.contains(&it))) {
            return Err(invalid("declarer-stays", "whoever declared a private incident stays a member"));
        }
        if members == incident.members {
            return Ok(self.so_already(incident.id, Some(incident.id)));
        }
        let line = self.members_line(&incident.name(), members.as_ref());
        self.tell(incident, Event::MembersSet { members }, Kind::STATE, line)
    }

    /// Members after a change; nobody if it is not private.
    pub(super) fn members(
        &self,
        before: Option<&BTreeSet<PersonId>>,
        private: bool,
        add: &[PersonId],
        remove: &[PersonId],
        first: impl FnOnce() -> BTreeSet<PersonId>,
    ) -> Result<Option<BTreeSet<PersonId>>, Refused> {
        if !private {
            return Ok(None);
        }
        let mut members = before.cloned().unwrap_or_else(first);
        for person in add {
            members.insert(self.person(*person)?.id);
        }
        let survivor = |id: PersonId| self.state.person(id).map_or(id, |person| person.id);
        members.retain(|member| !remove.iter().any(|gone| survivor(*gone) == survivor(*member)));
        if members.is_empty() {
            return Err(
                conflict("last-member", "the last member can't leave").hint("add somebody else first")
            );
        }
        Ok(Some(members))
    }

    pub(super) fn members_line(&self, what: &str, members: Option<&BTreeSet<PersonId>>) -> String {
        match members {
            None => format!("{what} is seen by everybody"),
            Some(members) => {
                let names: Vec<_> = members.iter().map(|member| self.name_of(*member)).collect();
                format!("{what} is private to {}", names.join(", "))
            }
        }
    }

    /// A person who may see the incident.
    fn member(&self, incident: &Incident, person: PersonId) -> Result<PersonId, Refused> {
        let person = self.person(person)?;
        if !self.state.viewer(person.id).sees_entity(incident.id) {
            let message = format!("{} is no member of {}", person.name, incident.name());
            return Err(conflict("not-a-member", message).hint("add them to its members first"));
        }
        Ok(person.id)
    }

    /// The time of an end, not before the start.
    fn end(&self, incident: &Incident, at: Option<Timestamp>) -> Result<Timestamp, Refused> {
        let at = self.time(at)?;
        if at < incident.started_at {
            let message = format!(
                "{} began at {}, after {}",
                incident.name(),
                incident.started_at.spoken(),
                at.spoken()
            );
            return Err(invalid("before-start", message));
        }
        Ok(at)
    }

    fn not_closed(&self, incident: &Incident) -> Result<(), Refused> {
        match incident.status {
            Status::Closed => {
                let told = (incident.closed_by, incident.closed_at);
                Err(self.told_already("already-closed", "closed", incident, told))
            }
            _ => Ok(()),
        }
    }

    fn told_already(
        &self,
        code: &'static str,
        what: &str,
        incident: &Incident,
        (by, at): (Option<PersonId>, Option<Timestamp>),
    ) -> Refused {
        let who = by.map_or("somebody", |by| self.name_of(by));
        let at = at.map_or(String::new(), |at| format!(" at {}", at.spoken()));
        conflict(code, format!("{} was {what} by {who}{at} already", incident.name()))
    }

    fn tell(
        &mut self,
        incident: &Incident,
        event: Event,
        kind: Kind,
        line: String,
    ) -> Result<Decided, Refused> {
        let at = self.time(None)?;
        self.tell_at(incident, event, kind, at, line)
    }

    fn tell_at(
        &mut self,
        incident: &Incident,
        event: Event,
        kind: Kind,
        at: Timestamp,
        line: String,
    ) -> Result<Decided, Refused> {
        self.write(incident.id, event, Draft::new(kind, at, line))?;
        Ok(self.done(Some(incident.id)))
    }
}

fn checked_severity(severity: u8) -> Result<u8, Refused> {
    match severity {
        1..=5 => Ok(severity),
        _ => Err(invalid("bad-severity", format!("severity {severity} can't be: 1 is worst, 5 least"))),
    }
}

fn checked_services(services: &[String]) -> Result<BTreeSet<String>, Refused> {
    let services = services.iter().map(|service| texts::line("service", service));
    let services = services.collect::<Result<BTreeSet<_>, _>>()?;
    if services.len() > MAX_SERVICES { Err(too_many_services()) } else { Ok(services) }
}

fn too_many_services() -> Refused {
    invalid("too-many-services", format!("more than {MAX_SERVICES} services"))
}

fn with_remark(line: String, remark: Option<&str>) -> String {
    match remark {
        Some(remark) => format!("{line}: {remark}"),
        None => line,
    }
}
