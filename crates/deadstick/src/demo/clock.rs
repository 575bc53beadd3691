//! A clock that can be put back, so that the worked example was recorded when it happened.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use fact::Timestamp;
use server::{Clock, SystemClock};

/// The machine's clock, unless a time was set.
#[derive(Debug, Clone, Default)]
pub struct DemoClock {
    /// Microseconds since 1970; 0 is the machine's time.
    set: Arc<AtomicI64>,
}

impl DemoClock {
    /// From now on it is `at`.
    pub fn set(&self, at: Timestamp) {
        self.set.store(at.micros(), Ordering::SeqCst);
    }

    /// The machine's time again.
    pub fn release(&self) {
        self.set.store(0, Ordering::SeqCst);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        match self.set.load(Ordering::SeqCst) {
            0 => SystemClock.now(),
            micros => Timestamp::from_micros(micros),
        }
    }
}
