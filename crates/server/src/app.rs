//! What all parts of the server share.

use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use fact::Timestamp;
use incident::State;
use store::Store;

use crate::recording::Health;
use crate::{Clock, Config, Ids};

/// The server's parts, shared by every request.
pub struct App {
    /// The log and the credentials.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and secrets.
    pub ids: Arc<dyn Ids>,
    /// Settings.
    pub config: Config,
    /// How each source's recording goes.
    pub health: Health,
    /// One command at a time is decided and appended.
    pub(crate) commands: tokio::sync::Mutex<()>,
    state: RwLock<State>,
}

/// A shared [`App`].
pub type Shared = Arc<App>;

impl App {
    /// Puts the parts together; `state` is what was rebuilt from the store's log.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        config: Config,
        state: State,
    ) -> Shared {
        Arc::new(App {
            store,
            clock,
            ids,
            config,
            health: Health::default(),
            commands: tokio::sync::Mutex::new(()),
            state: RwLock::new(state),
        })
    }

    /// The state as of the last command. Hold it briefly, never across an `await`.
    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
