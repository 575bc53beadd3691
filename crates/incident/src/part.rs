//! Parts of an incident: two people who change different parts don't contradict each other.

use crate::{Event, IncidentRole};

/// The title.
pub const TITLE: &str = "title";
/// The severity.
pub const SEVERITY: &str = "severity";
/// When it began.
pub const START: &str = "start";
/// Open, mitigated, closed.
pub const STATUS: &str = "status";
/// Affected services.
pub const SERVICES: &str = "services";
/// Who was hit.
pub const IMPACT: &str = "impact";
/// When it was noticed.
pub const DETECTION: &str = "detection";
/// The ends of the window.
pub const WINDOW: &str = "window";
/// The sources.
pub const SCOPE: &str = "scope";
/// Who may see it.
pub const PRIVACY: &str = "privacy";
/// Being a double.
pub const SAME_AS: &str = "same-as";

/// The part that a role is.
pub const fn of_role(role: IncidentRole) -> &'static str {
    match role {
        IncidentRole::Commander => "commander",
        IncidentRole::Communications => "communications",
        IncidentRole::Operations => "operations",
        IncidentRole::Scribe => "scribe",
    }
}

/// The part that an event changes; entries only add and touch none.
pub(crate) fn touched_by(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::Retitled { .. } => TITLE,
        Event::SeveritySet { .. } => SEVERITY,
        Event::Began { .. } => START,
        Event::RoleSet { role, .. } => of_role(*role),
        Event::HandedOver { .. } => of_role(IncidentRole::Commander),
        Event::Mitigated { .. } | Event::Closed { .. } | Event::Reopened { .. } => STATUS,
        Event::ServicesChanged { .. } => SERVICES,
        Event::ImpactSet { .. } => IMPACT,
        Event::DetectionSet { .. } => DETECTION,
        Event::WindowSet { .. } => WINDOW,
        Event::ScopeSet { .. } => SCOPE,
        Event::MembersSet { .. } => PRIVACY,
        Event::SameAs { .. } => SAME_AS,
        _ => return None,
    })
}
