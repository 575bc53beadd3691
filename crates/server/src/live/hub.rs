//! The channels in use: one for each page and each set of viewers that see the same.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use fact::EntityId;
use incident::Role;
use tokio::sync::broadcast;

use super::channel;
use super::message::Message;
use crate::Shared;
use crate::web::visitor::Visitor;

/// Messages that a client may be behind.
const BACKLOG: usize = 256;

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
}

impl Hub {
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
