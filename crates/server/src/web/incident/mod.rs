//! `/incidents/INC-1`: how it stands, what was tried, and the timeline.

mod tried;
mod view;

#[cfg(test)]
pub(crate) mod sample;

use std::collections::BTreeSet;

use api::{Gap, Place, Row, Timeline};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use fact::{EntityId, FactId, Kind};
use incident::Act;
use serde::Deserialize;
use store::{Cursor, Order};

pub(crate) use view::View;

use super::entry::{Day, days};
use super::frame::{Frame, Here, html};
use super::part::{Part, part};
use super::refusal::Refused;
use super::visitor::Visitor;
use crate::reading::{self, TimelineQuery};
use crate::{Problem, Shared};

/// Lines of the first screen.
const LINES: usize = 180;

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// Older than this place.
    before: Option<String>,
    /// Newer than this place.
    after: Option<String>,
    /// Around this fact.
    at: Option<String>,
    /// Only starred ones.
    starred: Option<String>,
    /// Hidden ones, too.
    hidden: Option<String>,
}

/// What the page shows of the timeline.
pub(crate) struct Stretch {
    pub(crate) days: Vec<Day>,
    pub(crate) older: Option<String>,
    pub(crate) newer: Option<String>,
    /// The end of the timeline is shown: new facts belong here.
    pub(crate) is_newest: bool,
    /// Something narrows what is shown.
    pub(crate) is_filtered: bool,
    pub(crate) filters: Vec<Filter>,
    pub(crate) kinds: Vec<Filter>,
    pub(crate) starred: bool,
    pub(crate) hidden_shown: bool,
    pub(crate) hidden: u64,
    pub(crate) total: u64,
    pub(crate) expired: Vec<api::ExpiredNote>,
}

/// A source or kind to choose.
pub(crate) struct Filter {
    pub(crate) name: String,
    pub(crate) count: u64,
    pub(crate) is_on: bool,
}

part!(Stand, "incident/stand.html", "stand");
part!(Moves, "incident/moves.html", "moves");
part!(Before, "incident/before.html", "before");
part!(TriedList, "incident/tried.html", "tried");
part!(InPlace, "incident/temporary.html", "temporary");
part!(Told, "incident/told.html", "told");

/// The parts of the page that change while it is open.
pub(crate) fn parts(view: &View) -> Vec<Part> {
    vec![
        Stand { view }.part(),
        Moves { view }.part(),
        Before { view }.part(),
        TriedList { view }.part(),
        InPlace { view }.part(),
        Told { view }.part(),
    ]
}

#[derive(Template)]
#[template(path = "incident/incident.html")]
pub(crate) struct Page<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) view: &'a View,
    pub(crate) stretch: &'a Stretch,
}

/// The query that the address stands for; `source` and `kind` may come more than once.
fn query(asked: &Asked, pairs: &[(String, String)]) -> Result<TimelineQuery, Problem> {
    let place = |text: &str| -> Result<Cursor, Problem> {
        let place: Place = text.parse().map_err(|_| Problem::not_found())?;
        Ok(Cursor { occurred_at: place.occurred_at, position: place.position })
    };
    let all = |name: &'static str| {
        pairs.iter().filter(move |(key, value)| key == name && !value.is_empty()).map(|(_, value)| value)
    };
    let (order, beyond) = match (&asked.before, &asked.after) {
        (Some(before), _) => (Order::Descending, Some(place(before)?)),
        (None, Some(after)) => (Order::Ascending, Some(place(after)?)),
        (None, None) => (Order::Descending, None),
    };
    let at: Option<FactId> = asked.at.as_ref().and_then(|at| at.parse().ok());
    Ok(TimelineQuery {
        sources: all("source").cloned().collect(),
        kinds: all("kind")
            .map(|kind| kind.parse::<Kind>())
            .collect::<Result<_, _>>()
            .map_err(|_| Problem::not_found())?,
        starred: asked.starred.is_some(),
        include_hidden: asked.hidden.is_some(),
        order: if at.is_some() { Order::Ascending } else { order },
        beyond: if at.is_some() { None } else { beyond },
        limit: LINES,
        around: at,
        ..TimelineQuery::default()
    })
}

/// The read timeline as the page shows it: oldest on top, whichever way it was read.
fn stretch(timeline: Timeline, counted: &[api::Count], query: &TimelineQuery, view: &View) -> Stretch {
    let Timeline { mut rows, next, previous, total, hidden, expired, .. } = timeline;
    let (older, newer) = match query.order {
        Order::Descending => {
            rows.reverse();
            (next, previous)
        }
        Order::Ascending => (previous, next),
    };
    let mut filters: Vec<Filter> = Vec::new();
    let mut kinds: Vec<Filter> = Vec::new();
    for count in counted {
        let add = |list: &mut Vec<Filter>, name: &str, is_on: bool| match list
            .iter_mut()
            .find(|f| f.name == name)
        {
            Some(filter) => filter.count += count.count,
            None => list.push(Filter { name: name.to_owned(), count: count.count, is_on }),
        };
        add(&mut filters, &count.source, query.sources.contains(&count.source));
        add(&mut kinds, count.kind.as_str(), query.kinds.contains(&count.kind));
    }
    Stretch {
        days: days(&rows, &view.zone),
        is_newest: newer.is_none(),
        is_filtered: !query.sources.is_empty() || !query.kinds.is_empty() || query.starred,
        older,
        newer,
        filters,
        kinds,
        starred: query.starred,
        hidden_shown: query.include_hidden,
        hidden,
        total,
        expired,
    }
}

/// `GET /incidents/{incident}`.
pub(super) async fn page(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Refused> {
    let viewer = &visitor.caller.viewer;
    let incident = reading::incident_named(&app, viewer, &name)?;
    let query = query(&asked, &pairs)?;
    let timeline = reading::timeline(&app, viewer, incident, &query).await?;
    let view = view(&app, &visitor, incident).await?;
    let position = timeline.position;
    let counted = timeline.counts.clone();
    let stretch = stretch(timeline, &counted, &query, &view);

    let name = &view.incident.incident.incident;
    let title = format!("{name} {}", view.incident.incident.title);
    let mut frame = visitor.frame("incident", Here::Incidents, title, format!("/incidents/{name}"));
    frame = frame.listening(format!("/live/incidents/{name}"), position);
    Ok(html(StatusCode::OK, &Page { frame: &frame, view: &view, stretch: &stretch }))
}

/// A stretch in which a source could not be recorded, as its line tells it.
fn gap(row: &Row) -> Option<Gap> {
    (row.fact.kind == Kind::GAP).then(|| Gap {
        source: row.fact.source.clone(),
        from: row.span.map_or(row.fact.occurred_at, |span| span.begin),
        until: row.span.and_then(|span| span.end),
        text: row.fact.text.clone(),
        fact: row.fact.id,
    })
}

/// Reads how an incident stands.
pub(crate) async fn view(app: &Shared, visitor: &Visitor, incident: EntityId) -> Result<View, Problem> {
    let viewer = &visitor.caller.viewer;
    let told = reading::incident_view(app, viewer, incident).await?;
    let before = reading::changes_before(app, viewer, incident).await?;
    let own = vec![Kind::ACTION, Kind::RESULT, Kind::GAP];
    let mut rows = reading::rare_rows(app, viewer, incident, own, 500).await?;
    let proposals = reading::proposals_of(app, viewer, incident).await?;
    // Commands and changes are many: only those that something may have come of are asked for.
    let is_absent = |id: &FactId| rows.iter().all(|row| row.fact.id != *id);
    let acted: BTreeSet<FactId> =
        proposals.iter().map(|proposal| proposal.action).filter(is_absent).collect();
    let acted: Vec<FactId> = acted.into_iter().collect();
    rows.extend(reading::fresh_rows(app, viewer, incident, &acted).await?);
    Ok(View {
        now: app.now(),
        zone: visitor.zone.clone(),
        may_respond: visitor.caller.may(Act::Respond).is_ok(),
        people: reading::people(app, viewer).into_iter().filter(|person| person.active).collect(),
        tried: tried::tried(&rows, &proposals, &visitor.zone),
        before: before.iter().map(|row| super::entry::EntryView::new(row, &visitor.zone)).collect(),
        gaps: rows.iter().filter_map(gap).collect(),
        incident: told,
    })
}
