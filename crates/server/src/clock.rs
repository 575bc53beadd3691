//! Time and fresh ids, as parameters.

use fact::{FactId, Timestamp, uuid_v7};
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Makes fresh ids and secrets.
pub trait Ids: Send + Sync + 'static {
    /// Fills with random bytes.
    fn random(&self, bytes: &mut [u8]);

    /// A fresh version 7 UUID.
    fn uuid(&self, at: Timestamp) -> Uuid {
        let mut random = [0; 10];
        self.random(&mut random);
        uuid_v7(at, random)
    }

    /// A fresh fact id.
    fn fact_id(&self, at: Timestamp) -> FactId {
        FactId(self.uuid(at))
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from(jiff::Timestamp::now())
    }
}

/// The machine's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn random(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system's random source answers");
    }
}
