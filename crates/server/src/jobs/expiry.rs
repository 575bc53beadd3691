//! Retention: what a source's talk is kept for runs out once a day.
//!
//! Kept is, whatever its age: evidence inside the window of any incident; everything inside the
//! window of an incident that is not closed, or whose investigation may go on (until 90 days after
//! its closing); and what people starred, moved in, pointed at or judged.

use std::collections::BTreeSet;
use std::time::Duration;

use fact::{FactId, SourceId, Timestamp};
use incident::{State, Status};
use store::{EraseError, ExpireRequest, Expired};

use crate::{App, Shared};

/// Minutes after the closing of an incident for which all of its talk is kept.
const INVESTIGATION_MINUTES: i64 = 90 * 24 * 60;

pub(super) async fn run(app: Shared) {
    loop {
        expire_all(&app).await;
        if !super::pause(&app, Duration::from_secs(24 * 3_600)).await {
            return;
        }
    }
}

async fn expire_all(app: &App) {
    match app.expire_now().await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "retention removed facts"),
        // It is tried again tomorrow; a disk that is full now may not be then.
        Err(error) => tracing::error!(%error, "retention could not remove facts"),
    }
}

impl App {
    /// Removes what the retention of every source no longer allows; how many facts.
    pub async fn expire_now(&self) -> Result<u64, EraseError> {
        let requests = requests(&self.state(), self.now());
        let mut count = 0;
        for request in requests {
            let Expired { count: removed, .. } = self.store.expire(request).await?;
            count += removed;
        }
        if count > 0 {
            self.tell_erasure();
        }
        Ok(count)
    }
}

fn requests(state: &State, now: Timestamp) -> Vec<ExpireRequest> {
    let kept_for = |source: &incident::Source| source.retention_days.map(|days| (source.id, days));
    let due: Vec<(SourceId, u32)> = state.sources.values().filter_map(kept_for).collect();
    if due.is_empty() {
        return Vec::new();
    }
    let mut keep_evidence = Vec::new();
    let mut keep_all = Vec::new();
    let mut keep_facts: BTreeSet<FactId> = state.corrections.keys().copied().collect();
    for incident in state.incidents.values() {
        // Nobody closes a double: it is over when the incident is that it lives on as.
        let end = state.lives_on_as(incident);
        let window = incident.window_as_double_of(end);
        let window = (window.from, window.until.unwrap_or(Timestamp::MAX));
        keep_evidence.push(window);
        let is_settled = end.status == Status::Closed
            && end.closed_at.is_some_and(|at| at.plus_minutes(INVESTIGATION_MINUTES) < now);
        if !is_settled {
            keep_all.push(window);
        }
        keep_facts.extend(incident.starred.iter().chain(&incident.moved_in));
        keep_facts.extend(incident.verdicts.keys().flat_map(|pair| [pair.action, pair.result]));
        keep_facts.extend(incident.impact.iter().filter_map(|impact| impact.evidence));
        keep_facts.extend(incident.detection.iter().filter_map(|detection| detection.evidence));
    }
    let request = |(source, days): (SourceId, u32)| ExpireRequest {
        source,
        recorded_before: now.plus_minutes(-i64::from(days) * 24 * 60),
        keep_evidence: keep_evidence.clone(),
        keep_all: keep_all.clone(),
        keep_facts: keep_facts.iter().copied().collect(),
        why: format!("retention of {days} days"),
    };
    due.into_iter().map(request).collect()
}
