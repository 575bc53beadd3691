//! From a delivery to the log: limits, retention, secrets, health.

mod health;

pub use health::Health;
