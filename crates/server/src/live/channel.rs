//! One channel: commits in, messages out, at most ten times a second.

use std::time::Duration;

use fact::{FactId, Timestamp};
use store::Commit;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use super::MOST_BEHIND;
use super::batch::{Batch, Stretch};
use super::hub::{Key, Page};
use super::message::{Expired, Facts, Line, Message, Parts, Redacted};
use crate::web::entry::{EntryView, One};
use crate::web::part::Part;
use crate::web::visitor::Visitor;
use crate::web::{incident, now};
use crate::{Problem, Shared, reading};

/// How long facts are gathered.
const GATHER: Duration = Duration::from_millis(100);

/// How long the parts of a page stay as they are at least.
const PARTS: Duration = Duration::from_secs(1);

/// How often a channel looks whether somebody still listens.
const IDLE: Duration = Duration::from_secs(10);

/// How long the state may take to know a fact that is in the log.
const FOLD: Duration = Duration::from_secs(2);

/// Runs until nobody listens or the server stops.
pub(super) async fn run(
    app: Shared,
    page: Page,
    visitor: Visitor,
    key: Key,
    sender: broadcast::Sender<Message>,
    mut commits: broadcast::Receiver<Commit>,
) {
    let mut erasures = app.erasures();
    let mut batch = Batch::default();
    let mut known = 0;
    let mut sent = Parts::new();
    let far = || Instant::now() + IDLE;
    let (mut flush_at, mut parts_at, mut idle_at) = (None, None, far());
    let mut parts_were = Instant::now();
    // Beside the facts: the parts of a large incident take longer to render than facts may wait.
    let mut rendering: Option<JoinHandle<Result<Parts, Problem>>> = None;
    loop {
        let parts_next = parts_at.filter(|_| rendering.is_none());
        let next = [flush_at, parts_next].into_iter().flatten().min().unwrap_or(idle_at).min(idle_at);
        tokio::select! {
            rendered = finished(&mut rendering) => {
                rendering = None;
                let changed: Parts =
                    rendered.into_iter().filter(|(id, html)| sent.get(id) != Some(html)).collect();
                if !changed.is_empty() {
                    let _ = sender.send(Message::new(known, "parts", &changed));
                    sent.extend(changed);
                }
            }
            commit = commits.recv() => match commit {
                Ok(facts) => {
                    batch.take(&visitor.caller.viewer, &facts);
                    flush_at = flush_at.or(Some(Instant::now() + GATHER));
                }
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    let _ = sender.send(Message::reload(known));
                }
                Err(broadcast::error::RecvError::Closed) => break,
            },
            // What was removed goes from the pages now, not with the next batch.
            Ok(()) = erasures.changed() => flush_at = Some(Instant::now()),
            () = sleep_until(next) => {}
            () = app.stopped() => break,
        }
        let now = Instant::now();
        if flush_at.is_some_and(|at| at <= now) {
            flush_at = None;
            let full = std::mem::take(&mut batch);
            known = known.max(full.position);
            for message in messages(&app, page, &visitor, full).await {
                let _ = sender.send(message);
            }
            parts_at = parts_at.or(Some(now.max(parts_were + PARTS)));
        }
        if rendering.is_none() && parts_at.is_some_and(|at| at <= now) {
            (parts_at, parts_were) = (None, now);
            let (app, visitor) = (Shared::clone(&app), visitor.clone());
            rendering = Some(tokio::spawn(async move { parts(&app, page, &visitor).await }));
        }
        if idle_at <= now {
            idle_at = far();
            if app.live.leave(&key) {
                return;
            }
        }
    }
    app.live.end(&key);
}

/// The parts that are being rendered, when they are; none if they can't be.
async fn finished(rendering: &mut Option<JoinHandle<Result<Parts, Problem>>>) -> Parts {
    match rendering {
        Some(task) => task.await.ok().and_then(Result::ok).unwrap_or_default(),
        None => std::future::pending().await,
    }
}

/// What a batch tells the page.
pub(super) async fn messages(app: &Shared, page: Page, visitor: &Visitor, batch: Batch) -> Vec<Message> {
    let position = batch.position;
    let mut messages = Vec::new();
    if let Some(state) = batch.state {
        // A fact is told to subscribers a moment before the state knows it.
        let _ = timeout(FOLD, app.folded(state)).await;
        messages.push(Message::look(position));
    }
    if !batch.gone.is_empty() {
        messages.push(Message::new(position, "redacted", &Redacted { ids: batch.gone.clone() }));
    }
    if !batch.expired.is_empty() {
        messages.push(Message::new(position, "expired", &expired(app, &batch.expired)));
    }
    if batch.fresh.len() > MOST_BEHIND {
        messages.push(Message::reload(position));
    } else if let Page::Incident(incident) = page {
        let again: Vec<FactId> = batch.again.iter().filter(|id| !batch.fresh.contains(id)).copied().collect();
        let lines = async {
            let mut lines = lines(app, visitor, incident, &batch.fresh, false).await?;
            lines.extend(self::lines(app, visitor, incident, &again, true).await?);
            Ok::<_, Problem>(lines)
        };
        match lines.await {
            Ok(lines) if lines.is_empty() => {}
            Ok(facts) => messages.push(Message::new(position, "facts", &Facts { facts })),
            Err(_) => messages.push(Message::look(position)),
        }
    }
    messages
}

fn expired(app: &Shared, stretches: &[Stretch]) -> Vec<Expired> {
    let state = app.state();
    let named = |one: &Stretch| {
        let source = state.sources.get(&one.source)?.name.clone();
        Some(Expired { source, from: one.from, to: one.to })
    };
    stretches.iter().filter_map(named).collect()
}

async fn lines(
    app: &Shared,
    visitor: &Visitor,
    incident: fact::EntityId,
    facts: &[FactId],
    again: bool,
) -> Result<Vec<Line>, Problem> {
    if facts.is_empty() {
        return Ok(Vec::new());
    }
    let rows = reading::fresh_rows(app, &visitor.caller.viewer, incident, facts).await?;
    let name = app.state().incidents.get(&incident).map_or_else(String::new, ::incident::Incident::name);
    Ok(rows
        .iter()
        .map(|row| {
            let entry = EntryView::new(row, &visitor.zone);
            let html = askama::Template::render(&One { entry: &entry, incident: &name }).unwrap_or_default();
            Line { id: entry.id, t: entry.micros, p: entry.position, day: entry.day, again, html }
        })
        .collect())
}

/// The parts of the page as they are now. Their clocks stand at nothing: the page sets them, so
/// that a part in which nothing happened is the same text as before.
pub(super) async fn parts(app: &Shared, page: Page, visitor: &Visitor) -> Result<Parts, Problem> {
    let parts: Vec<Part> = match page {
        Page::Now => {
            let mut view = now::view(app, visitor).await?;
            view.now.at = Timestamp::MIN;
            now::parts(&view)
        }
        Page::Incident(id) => {
            let mut view = incident::view(app, visitor, id).await?;
            view.now = Timestamp::MIN;
            incident::parts(&view)
        }
    };
    Ok(parts.into_iter().map(|part| (part.id, part.html)).collect())
}
