//! A local, fsynced journal (length + CRC) for agents and whoever must not wait for the server.
//!
//! What is appended is on disk when [`Spool::append`] returns; a reader ships it and acknowledges;
//! what is acknowledged is removed. Normative text: `docs/formats/spool.md`.
//!
//! One process at a time has a spool open; others wait briefly. Nobody should hold it over a network
//! round trip: read [`Spool::pending`], drop the spool, send, open it again and acknowledge. A
//! [`Mark`] from before stays right whatever others did in between.
//!
//! The spool does not look into payloads, does not order or deduplicate them (facts and commands
//! carry ids of their own) and never throws damaged bytes away: they are moved aside and reported.

mod damage;
mod disk;
mod error;
mod format;
mod lock;
mod pending;
mod spool;

pub use damage::Damage;
pub use error::Error;
pub use format::{MAX_PAYLOAD, Mark};
pub use pending::{Entry, Pending};
pub use spool::{MAX_SPOOL, Spool};
