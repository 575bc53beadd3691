//! How an incident stands, as its page shows it.

use api::{Gap, IncidentView, Person, TemporaryMeasure};
use fact::Timestamp;
use incident::{IncidentRole, Status};

use super::super::entry::{EntryView, because_word};
use super::super::words::{Due, INCIDENT_ROLES, incident_role};
use super::super::zone::{Zone, elapsed};
use super::tried::{LISTED, Tried};

/// What the page shows besides the timeline.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) incident: IncidentView,
    pub(crate) now: Timestamp,
    pub(crate) zone: Zone,
    pub(crate) may_respond: bool,
    pub(crate) people: Vec<Person>,
    pub(crate) tried: Vec<Tried>,
    pub(crate) before: Vec<EntryView>,
    pub(crate) gaps: Vec<Gap>,
}

impl View {
    pub(super) fn name(&self) -> &str {
        &self.incident.incident.incident
    }

    pub(super) fn is_open(&self) -> bool {
        self.incident.incident.status == Status::Open
    }

    pub(super) fn is_closed(&self) -> bool {
        self.incident.incident.status == Status::Closed
    }

    /// When the clock stopped.
    pub(super) fn ended(&self) -> Option<Timestamp> {
        self.incident.incident.mitigated_at.or(self.incident.incident.closed_at)
    }

    pub(super) fn elapsed(&self) -> String {
        elapsed(self.incident.incident.started_at, self.ended().unwrap_or(self.now))
    }

    pub(super) fn due(&self) -> Option<Due> {
        self.incident.next_update_due.map(|at| Due::new(at, self.now))
    }

    pub(super) fn can_change(&self) -> bool {
        self.may_respond && self.incident.read_only.is_none()
    }

    /// Every role, with whoever has it.
    pub(super) fn roles(&self) -> Vec<(&'static str, Option<&str>)> {
        let holder = |role: IncidentRole| {
            let holder = self.incident.roles.iter().find(|holder| holder.role == role)?;
            Some(holder.person.name.as_str())
        };
        INCIDENT_ROLES.iter().map(|role| (incident_role(*role), holder(*role))).collect()
    }

    pub(super) fn has_commander(&self) -> bool {
        self.roles().iter().any(|(role, holder)| *role == "commander" && holder.is_some())
    }

    /// Whether more was tried than is listed, as far as one can tell.
    pub(super) fn is_tried_cut(&self) -> bool {
        self.tried.len() >= LISTED
    }

    pub(super) fn in_place(&self) -> Vec<&TemporaryMeasure> {
        self.incident.temporary.iter().filter(|measure| measure.settled.is_none()).collect()
    }

    pub(super) fn settled(&self) -> Vec<&TemporaryMeasure> {
        self.incident.temporary.iter().filter(|measure| measure.settled.is_some()).collect()
    }

    pub(super) fn because(&self, measure: &TemporaryMeasure) -> Option<&'static str> {
        measure.because.map(because_word)
    }

    pub(super) fn services(&self) -> String {
        self.incident.services.join(", ")
    }
}
