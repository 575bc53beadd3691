//! The channels in use: one for each page and each set of viewers that see the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use fact::{EntityId, PersonId};
use incident::Role;
use tokio::sync::broadcast;

use super::channel;
use super::message::Message;
use crate::Shared;
use crate::web::visitor::Visitor;

/// Messages that a client may be behind.
const BACKLOG: usize = 256;

/// Streams that one person may have open: some windows full of tabs.
const MOST_STREAMS: usize = 50;

/// A page that is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Page {
    /// How it stands right now.
    Now,
    /// An incident.
    Incident(EntityId),
}

/// All that decides how a page looks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    page: Page,
    class: u64,
    role: &'static str,
    zone: String,
}

impl Key {
    fn new(page: Page, visitor: &Visitor) -> Self {
        let role = match visitor.caller.role {
            Role::Viewer => "viewer",
            Role::Responder => "responder",
            Role::Facilitator => "facilitator",
            Role::Admin => "admin",
        };
        let zone = visitor.zone.name().to_owned();
        Key { page, class: visitor.caller.viewer.class(), role, zone }
    }
}

/// The channels in use.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    channels: Mutex<HashMap<Key, broadcast::Sender<Message>>>,
    open: Arc<Mutex<HashMap<PersonId, usize>>>,
}

/// A stream that counts as its person's while this lives.
#[derive(Debug)]
pub(super) struct Seat {
    open: Arc<Mutex<HashMap<PersonId, usize>>>,
    person: PersonId,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&self.person) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(&self.person)),
        }
    }
}

impl Hub {
    /// Counts one more stream of a person; `None` if they have too many.
    pub(super) fn seat(&self, person: PersonId) -> Option<Seat> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(person).or_default();
        if *count >= MOST_STREAMS {
            return None;
        }
        *count += 1;
        Some(Seat { open: Arc::clone(&self.open), person })
    }

    /// Listens to a page as this visitor sees it.
    pub(super) fn listen(&self, app: &Shared, page: Page, visitor: &Visitor) -> broadcast::Receiver<Message> {
        let key = Key::new(page, visitor);
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = channels.get(&key) {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(BACKLOG);
        channels.insert(key.clone(), sender.clone());
        // Subscribed before this returns: nothing between here and the client's reading is missed.
        let commits = app.store.subscribe();
        tokio::spawn(channel::run(app.clone(), page, visitor.clone(), key, sender, commits));
        receiver
    }

    /// Ends a channel if nobody listens to it.
    pub(super) fn leave(&self, key: &Key) -> bool {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let is_left = channels.get(key).is_none_or(|sender| sender.receiver_count() == 0);
        if is_left {
            channels.remove(key);
        }
        is_left
    }

    /// Ends a channel whoever listens.
    pub(super) fn end(&self, key: &Key) {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}
