//! A clock that stands still until it is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use fact::Timestamp;
use server::Clock;

/// A clock that stands still until it is moved; clones show the same time.
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<AtomicI64>);

impl FakeClock {
    /// Shows this time.
    pub fn at(at: Timestamp) -> Self {
        FakeClock(Arc::new(AtomicI64::new(at.micros())))
    }

    /// Moves on.
    pub fn advance_minutes(&self, minutes: i64) {
        self.advance_micros(minutes * 60_000_000);
    }

    /// Moves on.
    pub fn advance_days(&self, days: i64) {
        self.advance_minutes(days * 24 * 60);
    }

    /// Moves on.
    pub fn advance_micros(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Default for FakeClock {
    /// 2026-02-20T15:10:00Z.
    fn default() -> Self {
        FakeClock::at(Timestamp::from_secs(1_771_600_200))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}
