//! What all parts of the server share.

use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use fact::{NewFact, Timestamp};
use incident::State;
use store::{Receipt, Store, StoreError};
use tokio::sync::{Mutex, watch};

use crate::auth::{Failures, ProcessTokens, Touches};
use crate::reading::Remembered;
use crate::recording::Health;
use crate::telemetry::Metrics;
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
    /// What is counted.
    pub metrics: Metrics,
    /// What was read out of facts last.
    pub(crate) remembered: Remembered,
    /// The channels of the live stream.
    pub(crate) live: crate::live::Hub,
    /// One command at a time is decided and appended.
    pub(crate) commands: Mutex<()>,
    /// One session at a time gets a new cookie.
    pub(crate) rotations: Mutex<()>,
    pub(crate) process_tokens: ProcessTokens,
    pub(crate) touches: Touches,
    pub(crate) failures: Failures,
    state: RwLock<State>,
    folded: watch::Sender<u64>,
    erasures: watch::Sender<u64>,
    stopping: watch::Sender<bool>,
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
            metrics: Metrics::default(),
            remembered: Remembered::default(),
            live: crate::live::Hub::default(),
            commands: Mutex::new(()),
            rotations: Mutex::new(()),
            process_tokens: ProcessTokens::default(),
            touches: Touches::default(),
            failures: Failures::default(),
            folded: watch::Sender::new(state.position),
            state: RwLock::new(state),
            erasures: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
        })
    }

    /// The state as of the last command. Hold it briefly, never across an `await`.
    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Changes the state; whoever waits in [`App::folded`] is told.
    pub(crate) fn change_state(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state_mut();
        change(&mut state);
        let position = state.position;
        drop(state);
        self.folded.send_replace(position);
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Waits until the state fact at `position` is folded in: a commit is told to subscribers a
    /// moment before the state knows it.
    pub async fn folded(&self, position: u64) {
        let mut folded = self.folded.subscribe();
        // The sender lives as long as `self`.
        let _ = folded.wait_for(|reached| *reached >= position).await;
    }

    /// Counts redactions: when it changes, whatever is shown must be read anew.
    pub fn erasures(&self) -> watch::Receiver<u64> {
        self.erasures.subscribe()
    }

    pub(crate) fn tell_erasure(&self) {
        self.remembered.forget();
        self.erasures.send_modify(|count| *count += 1);
    }

    /// Tells streams and jobs to end.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until the server is told to stop.
    pub async fn stopped(&self) {
        // The sender lives as long as `self`.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Writes down when sessions and tokens were used last; done once a minute by itself.
    pub async fn write_touches(&self) -> Result<(), StoreError> {
        self.touches.write(self.store.as_ref()).await
    }

    /// Appends facts, without what looks like a secret; what is answered to be stored is durable.
    pub(crate) async fn append(&self, mut facts: Vec<NewFact>) -> Result<Vec<Receipt>, StoreError> {
        remove_secrets(&mut facts);
        let timer = self.metrics.start_append();
        let receipts = self.store.append(facts).await;
        timer.stop(receipts.is_ok());
        receipts
    }
}

/// Removes what looks like a secret; doing it twice changes nothing more.
pub(crate) fn remove_secrets(facts: &mut [NewFact]) {
    for fact in facts {
        intake::secrets::remove(&mut fact.content);
    }
}
