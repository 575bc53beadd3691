//! New facts as an incident's timeline shows them.

use api::{News, Row};
use fact::{EntityId, FactId, Viewer};

use super::row::{Lens, place};
use super::scope::{Scope, survivor};
use super::timeline::TimelineQuery;
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

/// Facts that are looked through for news at once.
const AT_ONCE: usize = 1_000;

/// What was recorded of an incident after a position, by the filters of a query.
pub async fn news(
    app: &App,
    viewer: &Viewer,
    incident: EntityId,
    after: u64,
    query: &TimelineQuery,
) -> Result<News, Problem> {
    // Before the facts: what is committed meanwhile is news next time.
    let head = app.store.head().await?.size;
    let since = app.store.since(viewer, after, AT_ONCE).await?;
    let more = since.len() == AT_ONCE;
    let position = since.last().filter(|_| more).map_or(head.max(after), |last| last.position);
    let ids: Vec<FactId> = since.iter().map(|stored| stored.fact.id).collect();
    let mut rows = fresh_rows(app, viewer, incident, &ids).await?;

    let state = app.state();
    let scope = Scope::of(&state, viewer, incident).ok_or_else(Problem::not_found)?;
    rows.retain(|row| {
        let fact = &row.fact;
        // An edit is told by the line that was there before.
        (after + 1..=position).contains(&fact.position)
            && (query.sources.is_empty() || query.sources.contains(&fact.source))
            && (query.kinds.is_empty() || query.kinds.contains(&fact.kind))
            && (!query.starred || row.starred)
            && (query.include_hidden || !scope.hides(fact.id))
    });
    let name = survivor(&state, viewer, incident).map(incident::Incident::name);
    Ok(News { incident: name.ok_or_else(Problem::not_found)?, rows, position, more })
}
