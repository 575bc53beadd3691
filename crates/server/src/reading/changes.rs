//! What was changed shortly before it began.

use api::Row;
use fact::{EntityId, Kind, Viewer};
use store::{Entry, Order};

use super::insight::insight;
use super::row::{Lens, place};
use super::scope::Scope;
use crate::{App, Problem};

/// How long before the start changes are looked for.
const BEFORE_MINUTES: i64 = 120;

/// Most changes that are listed.
const MAX_CHANGES: usize = 50;

/// Changes of the two hours before the incident's start, newest first, at most 50.
pub async fn changes_before(app: &App, viewer: &Viewer, incident: EntityId) -> Result<Vec<Row>, Problem> {
    let read = insight(app, viewer, incident).await?;
    let state = app.state();
    let mut lens = Lens::new(&state, viewer, Some(incident));
    Ok(read.changes.iter().map(|entry| lens.row(entry)).collect())
}

/// The same, as entries.
pub(super) async fn changes_entries(
    app: &App,
    viewer: &Viewer,
    incident: EntityId,
) -> Result<Vec<Entry>, Problem> {
    let query = {
        let state = app.state();
        let scope = Scope::of(&state, viewer, incident).ok_or_else(Problem::not_found)?;
        let started = state.incidents.get(&scope.incident).ok_or_else(Problem::not_found)?.started_at;
        let mut query = scope.query(false);
        query.from = started.plus_minutes(-BEFORE_MINUTES);
        query.until = started;
        query.entity = None;
        query.with = Vec::new();
        query.kinds = Some(vec![Kind::CHANGE]);
        query.order = Order::Descending;
        query.limit = MAX_CHANGES;
        query
    };
    let page = app.store.window(viewer, &query).await?;
    let state = app.state();
    Ok(page.entries.into_iter().filter(|entry| place(&state, entry).occurred_at <= query.until).collect())
}
