//! The server as a whole, in this process: signing in, recording, commands, erasure.

#![expect(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod callers;
mod commands;
mod deliveries;
mod door;
mod expiry;
mod faults;
mod health;
mod lines;
mod listening;
mod metrics;
mod people;
mod redaction;
mod remembered;
mod sessions;
mod tls;
mod tokens;
