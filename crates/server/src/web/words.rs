//! Words for states, the same on every page.

use api::HealthState;
use fact::Timestamp;
use incident::{IncidentRole, Role};

use super::zone::stretch;

/// When something is due, and whether it is late.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    pub(crate) at: Timestamp,
    pub(crate) is_overdue: bool,
    pub(crate) words: String,
}

impl Due {
    pub(crate) fn new(at: Timestamp, now: Timestamp) -> Self {
        let left = at.micros_since(now);
        let is_overdue = left < 0;
        let words = if is_overdue {
            format!("overdue by {}", stretch(left))
        } else {
            format!("in {}", stretch(left))
        };
        Due { at, is_overdue, words }
    }
}

/// How recording goes, as a word that is also a class.
pub(crate) fn health_word(state: HealthState) -> &'static str {
    match state {
        HealthState::Ok => "ok",
        HealthState::Silent => "silent",
        HealthState::New => "new",
        HealthState::Failing => "failing",
    }
}

/// A role in an incident.
pub(crate) fn incident_role(role: IncidentRole) -> &'static str {
    match role {
        IncidentRole::Commander => "commander",
        IncidentRole::Communications => "communications",
        IncidentRole::Operations => "operations",
        IncidentRole::Scribe => "scribe",
    }
}

/// All roles in an incident.
pub(crate) const INCIDENT_ROLES: [IncidentRole; 4] =
    [IncidentRole::Commander, IncidentRole::Operations, IncidentRole::Communications, IncidentRole::Scribe];

/// What each role of a person may do, in words.
pub(crate) const ROLES: [(Role, &str); 4] = [
    (Role::Viewer, "reads"),
    (Role::Responder, "takes part in incidents"),
    (Role::Facilitator, "also redacts, says whose handles are whose"),
    (Role::Admin, "also manages people and sources"),
];
