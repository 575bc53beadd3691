//! How each source's recording goes: never silent.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use api::{HealthState, SourceHealth};
use axum::http::HeaderMap;
use fact::{Kind, SourceId, Timestamp, Viewer};
use incident::Source;
use store::{Order, SourceStats, WindowQuery};

use super::keep::Kept;
use crate::{App, Problem};

/// Differences of clocks remembered per source.
const SKEWS: usize = 15;

/// Facts looked at to tell how often a source speaks.
const RHYTHM: usize = 20;

/// Days for which gaps are told.
const GAP_DAYS: i64 = 7;

const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// Counts per source since start: deliveries, refusals, errors, the last of each.
#[derive(Debug, Default)]
pub struct Health(Mutex<HashMap<SourceId, Counts>>);

#[derive(Debug, Default, Clone)]
struct Counts {
    deliveries: u64,
    stored: u64,
    known: u64,
    refused: u64,
    unproven: u64,
    unproven_at: Option<Timestamp>,
    is_failing: bool,
    last_error: Option<(String, Timestamp)>,
    skews: VecDeque<i64>,
}

impl Health {
    fn counts(&self) -> MutexGuard<'_, HashMap<SourceId, Counts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A delivery that proved itself. `X-Deadstick-Sent-At` tells the sender's clock.
    pub(super) fn delivery(&self, source: SourceId, headers: &HeaderMap, now: Timestamp) {
        let sent_at = headers.get("x-deadstick-sent-at").and_then(|value| value.to_str().ok());
        let sent_at: Option<Timestamp> = sent_at.and_then(|text| text.parse().ok());
        let mut counts = self.counts();
        let counts = counts.entry(source).or_default();
        counts.deliveries += 1;
        counts.is_failing = false;
        if let Some(sent_at) = sent_at {
            counts.skews.push_front(sent_at.micros_since(now));
            counts.skews.truncate(SKEWS);
        }
    }

    /// A delivery without the right secret, token or signature. It says nothing about the source
    /// itself: anybody can send one.
    pub(super) fn unproven(&self, source: SourceId, now: Timestamp) {
        let mut counts = self.counts();
        let counts = counts.entry(source).or_default();
        counts.unproven += 1;
        counts.unproven_at = Some(now);
    }

    /// A delivery that could not be kept as a whole.
    pub(super) fn failed(&self, source: SourceId, why: &str, now: Timestamp) {
        self.noted(source, why, now);
        let mut counts = self.counts();
        let counts = counts.entry(source).or_default();
        counts.refused += 1;
        counts.is_failing = true;
    }

    /// One fact that was not kept.
    pub(super) fn refused(&self, source: SourceId, why: &str, now: Timestamp) {
        self.noted(source, why, now);
        self.counts().entry(source).or_default().refused += 1;
    }

    /// Something odd.
    pub(super) fn noted(&self, source: SourceId, what: &str, now: Timestamp) {
        let what = what.chars().take(300).collect();
        self.counts().entry(source).or_default().last_error = Some((what, now));
    }

    /// What became of facts.
    pub(super) fn count(&self, source: SourceId, kept: &[Kept], now: Timestamp) {
        let mut counts = self.counts();
        let counts = counts.entry(source).or_default();
        for kept in kept {
            match kept {
                Kept::Stored(_) => counts.stored += 1,
                Kept::Known(..) => counts.known += 1,
                Kept::Refused(why) => {
                    counts.refused += 1;
                    counts.last_error = Some((why.chars().take(300).collect(), now));
                }
            }
        }
    }

    /// Stored, known, refused, unproven per source.
    pub(crate) fn totals(&self) -> Vec<(SourceId, [(&'static str, u64); 4])> {
        let row = |(source, counts): (&SourceId, &Counts)| {
            let Counts { stored, known, refused, unproven, .. } = counts;
            (
                *source,
                [("stored", *stored), ("known", *known), ("refused", *refused), ("unproven", *unproven)],
            )
        };
        self.counts().iter().map(row).collect()
    }
}

/// How recording goes, of all sources that the viewer sees, by name.
pub async fn health(app: &App, viewer: &Viewer) -> Result<Vec<SourceHealth>, Problem> {
    let mut sources: Vec<Source> = {
        let state = app.state();
        state.sources.values().filter(|source| viewer.sees_source(source.id)).cloned().collect()
    };
    sources.retain(|source| source.id != SourceId::OWN);
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    let stats = app.store.source_stats(viewer).await?;
    let gaps = gaps(app, viewer).await?;
    let mut health = Vec::with_capacity(sources.len());
    for source in sources {
        let stats = stats.iter().find(|stats| stats.source == source.id);
        let counts = app.health.counts().get(&source.id).cloned().unwrap_or_default();
        let rhythm = match stats {
            Some(stats) if stats.facts > 0 => rhythm(app, viewer, source.id).await?,
            _ => None,
        };
        let mut judged = judge(&source, stats, &counts, rhythm, app.now());
        if let Some((count, last)) = gaps.get(&source.id) {
            judged.says.push_str(&format!(
                " Gaps in its recording in the last {GAP_DAYS} days: {count}, the last at {}.",
                last.spoken()
            ));
        }
        health.push(judged);
    }
    Ok(health)
}

/// Stretches that sources could not record, as they told: how many lately, and the last one.
async fn gaps(app: &App, viewer: &Viewer) -> Result<HashMap<SourceId, (u64, Timestamp)>, Problem> {
    let now = app.now();
    let query = WindowQuery {
        from: now.plus_minutes(-GAP_DAYS * 24 * 60),
        until: now,
        entity: None,
        sources: None,
        kinds: Some(vec![Kind::GAP]),
        with: Vec::new(),
        without: Vec::new(),
        order: Order::Descending,
        beyond: None,
        limit: 1_000,
    };
    let mut gaps = HashMap::new();
    for entry in app.store.window(viewer, &query).await?.entries {
        gaps.entry(entry.source()).or_insert((0, entry.cursor().occurred_at)).0 += 1;
    }
    Ok(gaps)
}

/// The median time between a source's newest facts, if there are enough to tell.
async fn rhythm(app: &App, viewer: &Viewer, source: SourceId) -> Result<Option<i64>, Problem> {
    let newest = app.store.newest(viewer, source, RHYTHM).await?;
    if newest.len() < 5 {
        return Ok(None);
    }
    let pauses = newest.windows(2).map(|pair| pair[0].recorded_at.micros_since(pair[1].recorded_at));
    Ok(median(pauses.collect()))
}

fn judge(
    source: &Source,
    stats: Option<&SourceStats>,
    counts: &Counts,
    rhythm: Option<i64>,
    now: Timestamp,
) -> SourceHealth {
    let last_recorded = stats.and_then(|stats| stats.last_recorded);
    let facts = stats.map_or(0, |stats| stats.facts);
    let pause = last_recorded.map(|last| now.micros_since(last));
    let is_silent = matches!((pause, rhythm), (Some(pause), Some(usual)) if pause > (20 * usual).max(DAY_US));
    let state = match () {
        () if counts.is_failing => HealthState::Failing,
        () if facts == 0 => HealthState::New,
        () if is_silent => HealthState::Silent,
        () => HealthState::Ok,
    };
    let mut says = match state {
        HealthState::Failing => {
            let why = counts.last_error.as_ref().map_or("it could not be kept", |(why, _)| why.as_str());
            format!("The last delivery was refused: {why}")
        }
        HealthState::New => {
            format!("Nothing came yet. `deadstick sources test {}` sends a sample.", source.name)
        }
        HealthState::Silent => format!(
            "Nothing came for {}, much longer than usual. Look whether the sender still runs.",
            in_words(pause.unwrap_or(0))
        ),
        HealthState::Ok => "It records.".to_owned(),
    };
    if let Some(at) = counts.unproven_at {
        says.push_str(&format!(
            " Deliveries with a wrong secret or signature since the start: {}, the last at {}.",
            counts.unproven,
            at.spoken()
        ));
    }
    let lags = stats.map(|stats| stats.lags.clone()).unwrap_or_default();
    SourceHealth {
        source: source.name.clone(),
        kind: source.kind,
        state,
        says,
        facts,
        last_recorded,
        last_occurred: stats.and_then(|stats| stats.last_occurred),
        clock_ahead_ms: clock_ahead(&counts.skews, &lags).map(|us| us / 1_000),
        lag_ms: median(lags).map(|us| us / 1_000),
        deliveries: counts.deliveries,
        refused: counts.refused,
        last_error: counts.last_error.as_ref().map(|(why, _)| why.clone()),
        last_error_at: counts.last_error.as_ref().map(|(_, at)| *at),
    }
}

/// By how many microseconds the source's clock is ahead.
///
/// Exact where the sender tells its clock; else as [`insight::skew`] estimates it.
fn clock_ahead(skews: &VecDeque<i64>, lags: &[i64]) -> Option<i64> {
    median(skews.iter().copied().collect()).or_else(|| insight::skew(lags)?.ahead_ms.map(|ms| ms * 1_000))
}

fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// A pause in its largest unit.
fn in_words(us: i64) -> String {
    match us / 60_000_000 {
        minutes if minutes < 120 => format!("{minutes} minutes"),
        minutes if minutes < 48 * 60 => format!("{} hours", minutes / 60),
        minutes => format!("{} days", minutes / (24 * 60)),
    }
}
