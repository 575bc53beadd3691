//! Incidents: the list, one by name, one with all that people said about it.

use api::{AcceptedOrUndone, Incident, IncidentView, RoleHolder, StatusUpdate, TemporaryMeasure};
use fact::{EntityId, Viewer};
use incident::{ActionTaken, Scope, State, Status};

use super::loose_ends::loose_ends;
use super::names;
use super::scope::{Scope as Reach, doubles};
use crate::{App, Problem};

/// The incident called `INC-12`, `12` or by its UUID, if the viewer may see it.
pub fn incident_named(app: &App, viewer: &Viewer, name: &str) -> Result<EntityId, Problem> {
    let state = app.state();
    state.incident_named(viewer, name).map(|incident| incident.id).ok_or_else(Problem::not_found)
}

/// All incidents that the viewer may see, newest start first, closed included.
pub fn incident_list(app: &App, viewer: &Viewer) -> Vec<Incident> {
    let state = app.state();
    state.incidents_for(viewer).into_iter().map(|incident| contract(app, incident)).collect()
}

/// One incident, as scripts see it.
pub fn incident_contract(app: &App, viewer: &Viewer, incident: EntityId) -> Result<Incident, Problem> {
    let state = app.state();
    let found = state.incidents.get(&incident).filter(|_| viewer.sees_entity(incident));
    found.map(|incident| contract(app, incident)).ok_or_else(Problem::not_found)
}

/// One incident with all that people said about it; loose ends once it is closed.
pub async fn incident_view(app: &App, viewer: &Viewer, incident: EntityId) -> Result<IncidentView, Problem> {
    let mut view = told(app, &app.state(), viewer, incident).ok_or_else(Problem::not_found)?;
    if view.incident.status == Status::Closed {
        view.loose_ends = loose_ends(app, viewer, incident).await?;
    }
    Ok(view)
}

pub(super) fn contract(app: &App, incident: &incident::Incident) -> Incident {
    Incident {
        id: incident.id,
        incident: incident.name(),
        title: incident.title.clone(),
        severity: incident.severity,
        status: incident.status,
        started_at: incident.started_at,
        declared_at: incident.declared_at,
        mitigated_at: incident.mitigated_at,
        closed_at: incident.closed_at,
        external_id: incident.external_id.clone(),
        url: format!("{}/incidents/{}", app.config.base_url, incident.name()),
    }
}

/// All that the state tells of an incident; without loose ends, which need the log.
pub(super) fn told(app: &App, state: &State, viewer: &Viewer, id: EntityId) -> Option<IncidentView> {
    let incident = state.incidents.get(&id).filter(|_| viewer.sees_entity(id))?;
    let person = |id| names::person(state, id);
    let seen = |id: EntityId| viewer.sees_entity(id).then(|| names::incident(state, id)).flatten();
    let name = incident.name();
    Some(IncidentView {
        incident: contract(app, incident),
        version: incident.version,
        declared_by: person(incident.declared_by),
        window: Reach::of(state, viewer, id)?.window,
        sources: match &incident.scope {
            Scope::VisibleTo(_) => None,
            Scope::Only(chosen) => Some(
                chosen
                    .iter()
                    .filter(|source| viewer.sees_source(**source))
                    .map(|source| names::source(state, *source))
                    .collect(),
            ),
        },
        private: incident.members.is_some(),
        members: incident.members.iter().flatten().map(|member| person(*member)).collect(),
        roles: incident
            .roles
            .iter()
            .map(|(role, holder)| RoleHolder { role: *role, person: person(*holder) })
            .collect(),
        services: incident.services.iter().cloned().collect(),
        impact: incident.impact.clone().map(|impact| api::Impact {
            fact: impact.fact,
            from: impact.from,
            until: impact.until,
            who: impact.who,
            how_known: impact.how_known,
            evidence: impact.evidence,
        }),
        detection: incident.detection.clone().map(|detection| api::Detection {
            fact: detection.fact,
            at: detection.at,
            by: detection.by,
            evidence: detection.evidence,
        }),
        updates: incident
            .updates
            .iter()
            .map(|update| StatusUpdate {
                fact: update.fact,
                at: update.at,
                by: person(update.by),
                text: update.text.clone(),
                next_due: update.next_due,
            })
            .collect(),
        next_update_due: incident.next_update_due(),
        questions: incident
            .questions
            .iter()
            .map(|question| api::Question {
                fact: question.fact,
                at: question.at,
                by: person(question.by),
                text: question.text.clone(),
            })
            .collect(),
        temporary: incident.actions.iter().filter_map(|action| measure(state, Some(&name), action)).collect(),
        same_as: incident.same_as.and_then(seen),
        doubles: doubles(state, viewer, id).into_iter().map(incident::Incident::name).collect(),
        read_only: incident.read_only.clone(),
        loose_ends: Vec::new(),
    })
}

/// An action as a temporary measure, if it is one.
pub(super) fn measure(
    state: &State,
    incident: Option<&str>,
    action: &ActionTaken,
) -> Option<TemporaryMeasure> {
    let temporary = action.temporary.as_ref()?;
    Some(TemporaryMeasure {
        fact: action.fact,
        incident: incident.map(Into::into),
        at: action.at,
        by: names::person(state, action.by),
        text: action.text.clone(),
        because: temporary.because,
        settled: temporary.settled.as_ref().map(|settled| AcceptedOrUndone {
            fact: settled.fact,
            at: settled.at,
            by: names::person(state, settled.by),
            accepted: settled.accepted,
            text: settled.text.clone(),
        }),
    })
}
