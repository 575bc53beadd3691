//! An incident's timeline: the window's facts, corrected, with everything needed to show them.

use api::{Count, ExpiredNote, Gap, Place, Row, Timeline};
use fact::{EntityId, FactId, Kind, SourceId, Viewer};
use incident::State;
use store::{Cursor, Entry, Order, WindowQuery};

use super::insight::insight;
use super::names;
use super::row::{Lens, place};
use super::scope::Scope;
use crate::{App, Problem};

/// Most lines of one answer.
pub const MAX_LIMIT: usize = 10_000;

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
    /// The lines only: no counts, gaps and proposals.
    pub bare: bool,
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
            bare: false,
        }
    }
}

/// A part of an incident's timeline. A double's timeline is read where it lives on.
///
/// Counts, gaps and what expired are told on the first page only.
pub async fn timeline(
    app: &App,
    viewer: &Viewer,
    incident: EntityId,
    query: &TimelineQuery,
) -> Result<Timeline, Problem> {
    let reader = Reader::new(app, viewer, incident, query)?;
    let position = app.store.head().await?.size;
    let moved = reader.retimed().await?;
    let part = match query.around {
        Some(fact) => reader.around(fact, &moved).await?,
        None => reader.part(query.order, query.beyond, query.limit.clamp(1, MAX_LIMIT), &moved).await?,
    };
    let is_first = query.beyond.is_none() && !query.bare;
    let read = if query.bare { None } else { Some(insight(app, viewer, incident).await?) };
    let known = read.as_ref().and_then(|read| read.counts.clone()).filter(|_| !query.include_hidden);
    let (counts, expired) = match known {
        _ if !is_first => Default::default(),
        Some(known) => known,
        None => reader.counts(&moved).await?,
    };
    // Looking for gaps goes through the whole window; the counts tell whether there are any.
    let has_gaps = counts.iter().any(|count| count.kind == Kind::GAP);
    let gaps = if has_gaps { reader.gaps().await? } else { Vec::new() };
    let proposals = read.as_ref().map(|read| read.proposals.as_slice()).unwrap_or_default();

    let state = app.state();
    let mut lens = Lens::new(&state, viewer, Some(incident)).with_proposals(proposals);
    let told =
        |cursor: Cursor| Place { occurred_at: cursor.occurred_at, position: cursor.position }.to_string();
    Ok(Timeline {
        incident: names::incident(&state, reader.scope.incident).unwrap_or_default(),
        next: part.entries.last().filter(|_| part.more_after).map(|last| told(place(&state, last))),
        previous: part.entries.first().filter(|_| part.more_before).map(|first| told(place(&state, first))),
        rows: part.entries.iter().map(|entry| lens.row(entry)).collect(),
        window: reader.scope.window,
        total: counts.iter().map(|count| count.count).sum(),
        counts,
        hidden: reader.scope.hidden.len() as u64,
        expired,
        gaps,
        position,
    })
}

/// The newest lines of some kinds that are rare, newest first.
pub async fn rare_rows(
    app: &App,
    viewer: &Viewer,
    incident: EntityId,
    kinds: Vec<Kind>,
    limit: usize,
) -> Result<Vec<Row>, Problem> {
    let read = insight(app, viewer, incident).await?;
    let query = TimelineQuery { kinds, order: Order::Descending, ..TimelineQuery::default() };
    let mut reader = Reader::new(app, viewer, incident, &query)?;
    // Looking for what is rare goes through the whole window: only where the counts tell of some.
    if let Some((counts, _)) = &read.counts {
        reader.only = telling(&app.state(), counts, &query.kinds);
    }
    let moved = reader.retimed().await?;
    let part = reader.part(query.order, None, limit, &moved).await?;
    let state = app.state();
    let mut lens = Lens::new(&state, viewer, Some(incident));
    Ok(part.entries.iter().map(|entry| lens.row(entry)).collect())
}

/// The sources that tell of these kinds, and the product's own; `None` if one is not known by its name.
fn telling(state: &State, counts: &[Count], kinds: &[Kind]) -> Option<Vec<SourceId>> {
    let own = names::source(state, SourceId::OWN);
    let told = counts.iter().filter(|count| kinds.contains(&count.kind) && count.source != own);
    let known = told.map(|count| state.source_named(&count.source).map(|source| source.id));
    known.chain([Some(SourceId::OWN)]).collect()
}

/// Every entry of a timeline in its order, hidden ones included; to look through it.
pub(super) async fn entries(app: &App, viewer: &Viewer, incident: EntityId) -> Result<Vec<Entry>, Problem> {
    let scope = Scope::of(&app.state(), viewer, incident).ok_or_else(Problem::not_found)?;
    entries_in(app, viewer, scope).await
}

/// The same to export it: of a double what was told of itself.
pub(super) async fn own_entries(
    app: &App,
    viewer: &Viewer,
    incident: EntityId,
) -> Result<Vec<Entry>, Problem> {
    let scope = Scope::of_itself(&app.state(), viewer, incident).ok_or_else(Problem::not_found)?;
    entries_in(app, viewer, scope).await
}

async fn entries_in(app: &App, viewer: &Viewer, scope: Scope) -> Result<Vec<Entry>, Problem> {
    let query = TimelineQuery { include_hidden: true, ..TimelineQuery::default() };
    let reader = Reader::within(app, viewer, scope, &query)?;
    let moved = reader.retimed().await?;
    let mut entries = Vec::new();
    let mut beyond = None;
    loop {
        let part = reader.part(Order::Ascending, beyond, MAX_LIMIT, &moved).await?;
        beyond = part.entries.last().map(|last| place(&app.state(), last));
        entries.extend(part.entries);
        if !part.more_after || beyond.is_none() {
            return Ok(entries);
        }
    }
}

/// So many facts are looked through for proposals and briefs.
const LOOKED_THROUGH: usize = 1_000;

/// Of a larger incident so many more that are no talk.
const EVIDENCE: usize = 500;

/// What is read of a timeline for proposals and briefs.
pub(super) struct Newest {
    /// The newest entries, in no order.
    pub(super) entries: Vec<Entry>,
    /// Where these are not all: what counting all of them said.
    pub(super) counts: Option<(Vec<Count>, Vec<ExpiredNote>)>,
}

/// The newest entries of a timeline, with the counts of all if there are more.
pub(super) async fn newest_entries(
    app: &App,
    viewer: &Viewer,
    incident: EntityId,
) -> Result<Newest, Problem> {
    let mut query = TimelineQuery { order: Order::Descending, ..TimelineQuery::default() };
    let newest = newest(app, viewer, incident, &query, LOOKED_THROUGH).await?;
    let mut entries = newest.entries;
    let mut counts = None;
    if newest.more_after {
        query.kinds = Kind::KNOWN.iter().filter(|kind| kind.is_evidence()).cloned().collect();
        let evidence = self::newest(app, viewer, incident, &query, EVIDENCE);
        let (evidence, counted) = tokio::try_join!(evidence, counts_of(app, viewer, incident))?;
        entries.extend(evidence.entries);
        counts = Some(counted);
    }
    Ok(Newest { entries, counts })
}

async fn newest(
    app: &App,
    viewer: &Viewer,
    incident: EntityId,
    query: &TimelineQuery,
    limit: usize,
) -> Result<Part, Problem> {
    let reader = Reader::new(app, viewer, incident, query)?;
    let moved = reader.retimed().await?;
    reader.part(query.order, None, limit, &moved).await
}

/// How many facts a timeline has by source and kind, and what expired.
async fn counts_of(
    app: &App,
    viewer: &Viewer,
    incident: EntityId,
) -> Result<(Vec<Count>, Vec<ExpiredNote>), Problem> {
    let query = TimelineQuery::default();
    let reader = Reader::new(app, viewer, incident, &query)?;
    let moved = reader.retimed().await?;
    reader.counts(&moved).await
}

/// A part of a timeline before it is rendered.
struct Part {
    entries: Vec<Entry>,
    more_before: bool,
    more_after: bool,
}

/// Reads one timeline for one viewer.
struct Reader<'a> {
    app: &'a App,
    viewer: &'a Viewer,
    query: &'a TimelineQuery,
    scope: Scope,
    only: Option<Vec<SourceId>>,
    starred: Vec<FactId>,
}

impl<'a> Reader<'a> {
    fn new(
        app: &'a App,
        viewer: &'a Viewer,
        incident: EntityId,
        query: &'a TimelineQuery,
    ) -> Result<Self, Problem> {
        let scope = Scope::of(&app.state(), viewer, incident).ok_or_else(Problem::not_found)?;
        Reader::within(app, viewer, scope, query)
    }

    fn within(
        app: &'a App,
        viewer: &'a Viewer,
        scope: Scope,
        query: &'a TimelineQuery,
    ) -> Result<Self, Problem> {
        let state = app.state();
        let only = match query.sources.is_empty() {
            true => None,
            false => Some(sources_named(&state, viewer, &query.sources)?),
        };
        let starred = state
            .incidents
            .get(&scope.incident)
            .map(|one| one.starred.iter().copied().collect())
            .unwrap_or_default();
        Ok(Reader { app, viewer, query, scope, only, starred })
    }

    /// Whether the filters let an entry through.
    fn passes(&self, entry: &Entry) -> bool {
        let kind = match entry {
            Entry::Fact { first, .. } => first.fact.kind.clone(),
            Entry::Redacted { .. } => Kind::ERASURE,
        };
        self.only.as_ref().is_none_or(|only| only.contains(&entry.source()))
            && (self.query.kinds.is_empty() || self.query.kinds.contains(&kind))
            && (self.query.include_hidden || !self.scope.hides(entry.id()))
    }

    /// The facts of this timeline whose time was corrected, in their right order.
    async fn retimed(&self) -> Result<Vec<(Cursor, Entry)>, Problem> {
        let ids = match self.query.starred {
            true => &self.starred,
            false => &self.scope.retimed,
        };
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let entries = self.app.store.facts(self.viewer, ids).await?;
        let state = self.app.state();
        let mut moved: Vec<(Cursor, Entry)> = entries
            .into_iter()
            .map(|entry| (place(&state, &entry), entry))
            .filter(|(cursor, entry)| self.query.starred || self.scope.holds(entry, cursor.occurred_at))
            .collect();
        moved.sort_by_key(|(cursor, _)| *cursor);
        moved.dedup_by_key(|(cursor, _)| *cursor);
        Ok(moved)
    }

    /// At most `limit` entries beyond a place: the store's, with those of corrected time put in.
    async fn part(
        &self,
        order: Order,
        beyond: Option<Cursor>,
        limit: usize,
        moved: &[(Cursor, Entry)],
    ) -> Result<Part, Problem> {
        let is_beyond = |cursor: Cursor| match (order, beyond) {
            (_, None) => true,
            (Order::Ascending, Some(place)) => cursor > place,
            (Order::Descending, Some(place)) => cursor < place,
        };
        let (stored, more) = match self.query.starred {
            true => (Vec::new(), false),
            false => self.stored(order, beyond, limit).await?,
        };
        let mut entries: Vec<(Cursor, Entry)> =
            stored.into_iter().map(|entry| (entry.cursor(), entry)).collect();
        entries
            .extend(moved.iter().filter(|(cursor, entry)| is_beyond(*cursor) && self.passes(entry)).cloned());
        entries.sort_by_key(|(cursor, _)| *cursor);
        if order == Order::Descending {
            entries.reverse();
        }
        let more_after = more || entries.len() > limit;
        entries.truncate(limit);
        let entries = entries.into_iter().map(|(_, entry)| entry).collect();
        Ok(Part { entries, more_before: beyond.is_some(), more_after })
    }

    /// At least `limit` entries of the store that pass the filters, unless there are fewer.
    async fn stored(
        &self,
        order: Order,
        beyond: Option<Cursor>,
        limit: usize,
    ) -> Result<(Vec<Entry>, bool), Problem> {
        let mut query = self.window();
        query.order = order;
        query.beyond = beyond;
        let mut entries = Vec::new();
        loop {
            // The store always adds the product's own facts; those are few, and dropped here.
            query.limit = (limit - entries.len()).max(limit.min(100));
            let page = self.app.store.window(self.viewer, &query).await?;
            let last = page.entries.last().map(Entry::cursor);
            entries.extend(page.entries.into_iter().filter(|entry| self.passes(entry)));
            if !page.more || last.is_none() || entries.len() >= limit {
                return Ok((entries, page.more));
            }
            query.beyond = last;
        }
    }

    /// The part around one fact: half before it, half from it on.
    async fn around(&self, fact: FactId, moved: &[(Cursor, Entry)]) -> Result<Part, Problem> {
        let found = self.app.store.facts(self.viewer, &[fact]).await?.pop().ok_or_else(Problem::not_found)?;
        let at = place(&self.app.state(), &found);
        let just_before = Cursor { position: at.position.saturating_sub(1), ..at };
        let half = (self.query.limit.clamp(2, MAX_LIMIT)) / 2;
        let before = self.part(Order::Descending, Some(at), half, moved).await?;
        let after = self.part(Order::Ascending, Some(just_before), half, moved).await?;
        let mut entries: Vec<Entry> = before.entries.into_iter().rev().chain(after.entries).collect();
        let (mut more_before, mut more_after) = (before.more_after, after.more_after);
        if self.query.order == Order::Descending {
            entries.reverse();
            std::mem::swap(&mut more_before, &mut more_after);
        }
        Ok(Part { entries, more_before, more_after })
    }

    fn window(&self) -> WindowQuery {
        let mut query = self.scope.query(self.query.include_hidden);
        if let Some(only) = &self.only {
            query.sources = Some(match query.sources {
                Some(all) => all.into_iter().filter(|source| only.contains(source)).collect(),
                None => only.clone(),
            });
        }
        if !self.query.kinds.is_empty() {
            query.kinds = Some(self.query.kinds.clone());
        }
        query
    }

    /// How many facts there are by source and kind, and what expired, whatever the filters.
    async fn counts(&self, moved: &[(Cursor, Entry)]) -> Result<(Vec<Count>, Vec<ExpiredNote>), Problem> {
        let tally = self.app.store.tally(self.viewer, &self.scope.query(self.query.include_hidden)).await?;
        let mut by_kind: std::collections::BTreeMap<(SourceId, Kind), u64> =
            tally.counts.into_iter().map(|(source, kind, count)| ((source, kind), count)).collect();
        let is_counted = |entry: &Entry| {
            !self.query.starred && (self.query.include_hidden || !self.scope.hides(entry.id()))
        };
        for (_, entry) in moved.iter().filter(|(_, entry)| is_counted(entry)) {
            if let Entry::Fact { first, .. } = entry {
                *by_kind.entry((first.fact.source, first.fact.kind.clone())).or_default() += 1;
            }
        }
        let state = self.app.state();
        let counts = by_kind
            .into_iter()
            .map(|((source, kind), count)| Count { source: names::source(&state, source), kind, count })
            .collect();
        let expired = tally
            .expired
            .into_iter()
            .filter(|(source, _)| self.viewer.sees_source(*source))
            .map(|(source, count)| ExpiredNote { source: names::source(&state, source), count })
            .collect();
        Ok((counts, expired))
    }

    async fn gaps(&self) -> Result<Vec<Gap>, Problem> {
        let mut query = self.scope.query(false);
        query.kinds = Some(vec![Kind::GAP]);
        query.limit = 100;
        let page = self.app.store.window(self.viewer, &query).await?;
        let state = self.app.state();
        Ok(page
            .entries
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::Fact { first, .. } if first.fact.kind == Kind::GAP => {
                    let content = first.fact.content;
                    Some(Gap {
                        source: names::source(&state, first.fact.source),
                        from: content.span.map_or(content.occurred_at, |span| span.begin),
                        until: content.span.and_then(|span| span.end),
                        text: content.text,
                        fact: first.fact.id,
                    })
                }
                _ => None,
            })
            .collect())
    }
}

fn sources_named(state: &State, viewer: &Viewer, names: &[String]) -> Result<Vec<SourceId>, Problem> {
    let find = |name: &String| match state.source_named(name) {
        Some(source) if viewer.sees_source(source.id) => Ok(source.id),
        None if name == "deadstick" => Ok(SourceId::OWN),
        _ => Err(Problem::not_found()),
    };
    names.iter().map(find).collect()
}
