//! What every store promises, as tests: a store's own crate calls [`all`] with a way to open one.
//!
//! Each promise is a function that opens an empty store and panics if the promise is broken.

#![expect(clippy::unwrap_used, reason = "a broken promise panics: these are tests")]

mod appending;
mod erasing;
mod facts;
mod model;
mod reading;

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use fact::Timestamp;

use crate::Store;
pub use facts::{Facts, at, id, source};

/// A clock that stands still until it is set.
#[derive(Debug, Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// At [`at`]`(0)`.
    pub fn new() -> Self {
        Clock(Arc::new(AtomicI64::new(at(0).micros())))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }

    /// Sets it.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.micros(), Ordering::Relaxed);
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock::new()
    }
}

/// An empty store and what must outlive it.
pub struct Fresh {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Dropped after the store: a directory, a database.
    pub hold: Box<dyn Any + Send>,
}

/// Opens an empty store that records by the given clock.
pub type Open<'a> = &'a (dyn Fn(Clock) -> Fresh + Sync);

/// A promise, by name.
pub type Promise = (&'static str, fn(Open<'_>));

/// Every promise.
pub fn all() -> Vec<Promise> {
    [appending::PROMISES, reading::PROMISES, erasing::PROMISES, model::PROMISES].concat()
}

/// Runs a promise on a runtime of its own.
fn run(promise: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be made");
    runtime.block_on(promise);
}
