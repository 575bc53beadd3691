//! One client's stream: what it missed, then what comes, as long as it may see it.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use fact::{EntityId, Viewer};
use futures_util::{Stream, stream};
use serde::Deserialize;
use tokio::sync::broadcast;
use tokio::time::Instant;

use super::MOST_BEHIND;
use super::batch::Batch;
use super::channel::{messages, parts};
use super::hub::{Page, Seat};
use super::message::Message;
use crate::web::assets;
use crate::web::visitor::Visitor;
use crate::{Problem, Shared, StreamGuard, reading};

/// How long a stream lives: the browser opens it again, and who listens is asked anew.
const LIFE: Duration = Duration::from_secs(600);

/// What the page says about itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The position that it was read at.
    after: u64,
    /// The assets that it was made for.
    assets: String,
}

/// `GET /live/now`.
pub(super) async fn now(
    State(app): State<Shared>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    open(app, visitor, Page::Now, &asked, &headers).await
}

/// `GET /live/incidents/{incident}`.
pub(super) async fn incident(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let incident = reading::incident_named(&app, &visitor.caller.viewer, &name)?;
    open(app, visitor, Page::Incident(incident), &asked, &headers).await
}

/// One client.
struct Client {
    app: Shared,
    page: Page,
    visitor: Visitor,
    /// What the visitor could see when the page was last told of it.
    seen: BTreeSet<EntityId>,
    receiver: broadcast::Receiver<Message>,
    /// What it missed and has not been sent yet, last one first.
    missed: Vec<Message>,
    known: u64,
    until: Instant,
    is_over: bool,
    /// Counts the stream as its person's while it lasts.
    _seat: Seat,
    /// Counts the stream while it lasts.
    _counted: StreamGuard,
}

async fn open(
    app: Shared,
    visitor: Visitor,
    page: Page,
    asked: &Asked,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let _seat = app.live.seat(visitor.caller.person).ok_or_else(too_many)?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let after: u64 = last.unwrap_or(asked.after);
    // Listening first: what is committed while the log is read comes by the channel.
    let receiver = app.live.listen(&app, page, &visitor);
    let mut missed = missed(&app, page, &visitor, after).await?;
    if asked.assets != assets::folder() {
        missed = vec![Message::reload(after)];
    }
    let known = missed.iter().map(|message| message.position).max().unwrap_or(after);
    missed.reverse();
    let until = Instant::now() + LIFE;
    let _counted = app.metrics.stream();
    let seen = seen(&app, &visitor.caller.viewer);
    let client =
        Client { app, page, visitor, seen, receiver, missed, known, until, is_over: false, _seat, _counted };
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    Ok(Sse::new(events(client)).keep_alive(keep_alive).into_response())
}

fn too_many() -> Problem {
    let title = "You have too many live pages open.";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-streams", title)
        .hint("Close some: each goes on by itself when it is seen again.")
}

/// What the page has missed since a position.
async fn missed(app: &Shared, page: Page, visitor: &Visitor, after: u64) -> Result<Vec<Message>, Problem> {
    let viewer = &visitor.caller.viewer;
    let since = app.store.since(viewer, after, MOST_BEHIND + 1).await?;
    if since.len() > MOST_BEHIND {
        return Ok(vec![Message::reload(after)]);
    }
    let mut batch = Batch::default();
    batch.take(viewer, &since);
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let position = batch.position;
    let mut missed = messages(app, page, visitor, batch).await;
    missed.push(Message::new(position, "parts", &parts(app, page, visitor).await?));
    Ok(missed)
}

fn events(client: Client) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(client, |mut client| async move {
        let message = client.next().await?;
        let event = Event::default()
            .id(message.position.to_string())
            .event(message.event.unwrap_or_default())
            .data(&*message.data);
        Some((Ok(event), client))
    })
}

impl Client {
    /// The next message; `None` ends the stream, and the browser opens it again.
    async fn next(&mut self) -> Option<Message> {
        loop {
            if self.is_over {
                return None;
            }
            if let Some(message) = self.missed.pop() {
                if message.event.is_some() {
                    return Some(message);
                }
                continue;
            }
            let message = tokio::select! {
                message = self.receiver.recv() => message,
                () = tokio::time::sleep_until(self.until) => return None,
                () = self.app.stopped() => return None,
            };
            let message = match message {
                Ok(message) => message,
                Err(broadcast::error::RecvError::Lagged(_)) => return Some(self.reload()),
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            match self.sight() {
                Sight::Same => {}
                Sight::Other(visitor) => {
                    self.turn(*visitor).await?;
                    continue;
                }
                Sight::Less => return Some(self.reload()),
            }
            // What was read when the stream was opened comes a second time by the channel.
            let is_known = message.position <= self.known && message.event == Some("facts");
            if message.event.is_none() || is_known {
                continue;
            }
            self.known = self.known.max(message.position);
            return Some(message);
        }
    }

    fn reload(&mut self) -> Message {
        self.is_over = true;
        Message::reload(self.known)
    }

    /// Goes on with the channel of those who see the same as the visitor does now.
    async fn turn(&mut self, visitor: Visitor) -> Option<()> {
        self.receiver = self.app.live.listen(&self.app, self.page, &visitor);
        let mut missed = missed(&self.app, self.page, &visitor, self.known).await.ok()?;
        self.known = missed.iter().map(|message| message.position).max().unwrap_or(self.known);
        missed.reverse();
        self.missed = missed;
        self.seen = seen(&self.app, &visitor.caller.viewer);
        self.visitor = visitor;
        Some(())
    }

    /// Whether the visitor still sees what the channel shows.
    fn sight(&self) -> Sight {
        let caller = &self.visitor.caller;
        let Some(now) = self.app.caller(caller.person, caller.via) else { return Sight::Less };
        match () {
            () if now.role != caller.role || self.lost(&now.viewer) => Sight::Less,
            () if now.viewer.class() == caller.viewer.class() => Sight::Same,
            () => Sight::Other(Box::new(Visitor { caller: now, ..self.visitor.clone() })),
        }
    }

    /// Whether something went out of sight. What was private from its beginning did not: that a
    /// page reads itself anew would tell everybody that something private was made.
    fn lost(&self, now: &Viewer) -> bool {
        let before = &self.visitor.caller.viewer;
        let has_sources = match (now.sources(), before.sources()) {
            (None, _) => true,
            (Some(now), Some(before)) => now.is_superset(before),
            (Some(_), None) => false,
        };
        !has_sources || now.hidden().difference(before.hidden()).any(|entity| self.seen.contains(entity))
    }
}

enum Sight {
    /// The same.
    Same,
    /// Nothing less.
    Other(Box<Visitor>),
    /// Something is to be seen no longer.
    Less,
}

/// The incidents and entries that the viewer sees now.
fn seen(app: &Shared, viewer: &Viewer) -> BTreeSet<EntityId> {
    let state = app.state();
    let entries = state.entries.keys().map(|fact| EntityId::from(*fact));
    let all = state.incidents.keys().copied().chain(entries);
    all.filter(|entity| viewer.sees_entity(*entity)).collect()
}
