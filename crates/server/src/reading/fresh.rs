//! New facts as an incident's timeline shows them.

use api::Row;
use fact::{EntityId, FactId, Viewer};

use super::row::{Lens, place};
use super::scope::Scope;
use crate::{App, Problem};

/// Those of the facts that lie in the incident's timeline, as lines, in its order. Hidden ones are
/// in, marked as such.
pub async fn fresh_rows(
    app: &App,
    viewer: &Viewer,
    incident: EntityId,
    facts: &[FactId],
) -> Result<Vec<Row>, Problem> {
    let entries = app.store.facts(viewer, facts).await?;
    let state = app.state();
    let scope = Scope::of(&state, viewer, incident).ok_or_else(Problem::not_found)?;
    let mut lens = Lens::new(&state, viewer, Some(incident));
    let mut rows: Vec<Row> = entries
        .iter()
        .filter(|entry| scope.holds(entry, place(&state, entry).occurred_at))
        .map(|entry| lens.row(entry))
        .filter(|row| row.fact.kind != fact::Kind::TEST)
        .collect();
    rows.sort_by_key(|row| (row.fact.occurred_at, row.fact.position));
    rows.dedup_by_key(|row| row.fact.id);
    Ok(rows)
}
