//! What somebody needs who joins late or takes over command.

use api::{Brief, BriefAction, BriefResult};
use fact::{EntityId, Viewer};

use super::incident::told;
use super::insight::insight;
use super::scope::survivor;
use crate::{App, Problem};

/// The brief of an incident, as data and as text.
pub async fn brief(app: &App, viewer: &Viewer, incident: EntityId) -> Result<Brief, Problem> {
    let read = insight(app, viewer, incident).await?;
    let now = app.now();
    // What was read may be a moment old; the clock goes on.
    let mut brief = read.brief.clone();
    let state = app.state();
    let main = survivor(&state, viewer, incident).ok_or_else(Problem::not_found)?;
    brief.at = now;
    brief.elapsed_s = main.closed_at.unwrap_or(now).since(main.started_at).as_secs();
    brief.overdue_s = brief.next_update_due.filter(|due| *due < now).map(|due| now.since(due).as_secs());

    let view = told(app, &state, viewer, main.id).ok_or_else(Problem::not_found)?;
    Ok(Brief {
        incident: view.incident,
        at: now,
        last_update: view.updates.into_iter().next_back(),
        next_update_due: view.next_update_due,
        roles: view.roles,
        services: view.services,
        text: brief.text(),
        tried: brief
            .tried
            .into_iter()
            .map(|action| BriefAction {
                fact: action.fact,
                at: action.at,
                by: action.by,
                text: action.text,
                results: action
                    .results
                    .into_iter()
                    .map(|result| BriefResult {
                        fact: result.fact,
                        outcome: result.outcome,
                        text: result.text,
                        confirmed: result.confirmed,
                    })
                    .collect(),
            })
            .collect(),
        temporary: view.temporary.into_iter().filter(|measure| measure.settled.is_none()).collect(),
        questions: view.questions,
    })
}
