//! The embedded default: one writer with group commit over SQLite.
//!
//! One thread owns the only writing connection. What is queued while it commits goes into its next
//! transaction, so that one `fsync` serves many writers; nothing is acknowledged or told to
//! subscribers before its commit is durable. Readers use a small pool of read-only connections.
//! The tables and what `verify` compares them with are described in docs/formats/log.md.

mod backup;
mod birth;
mod credentials;
mod erasure;
mod failure;
mod lock;
mod log;
mod open;
mod read;
mod readers;
mod row;
mod schema;
#[cfg(test)]
mod statements;
mod verify;
mod writer;

pub use backup::{BackupError, backup};
pub use open::{OpenError, Options, SqliteStore};
pub use schema::DATABASE;
pub use verify::{Spot, VerifyError, spot_check, verify};
