//! The port: traits of what is kept, and the contract tests that every store passes.
//!
//! The server knows only `dyn Store`. Every read takes a [`Viewer`](fact::Viewer).

#[cfg(feature = "contract")]
pub mod contract;
mod credentials;
mod erase;
mod error;
mod log;
mod read;

pub use credentials::{Credentials, Invite, Secret, SecretHash, Session, Token, TokenScope};
pub use erase::{EraseError, ExpireRequest, Expired, RedactRequest, Redacted};
pub use error::StoreError;
pub use log::{Commit, Head, Log, Receipt, Refusal, Verdict};
pub use read::{Cursor, Entry, FiringSpan, Order, Page, Read, SourceStats, StateRow, Tally, WindowQuery};

/// All that a server needs kept.
pub trait Store: Log + Read + Credentials {}

impl<T: Log + Read + Credentials> Store for T {}
