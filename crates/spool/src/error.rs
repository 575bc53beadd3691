//! Why a spool can't be used.

use std::io;
use std::path::{Path, PathBuf};

/// Why a spool can't be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file operation failed.
    #[error("can't {what} {}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process has it open and didn't let go in time.
    #[error("{} is in use by another process", path.display())]
    Locked {
        /// The lock's file.
        path: PathBuf,
    },
    /// A name that can't be a spool's.
    #[error("`{0}` is not a name for a spool: expected 1 to 64 of a-z, 0-9, - and _")]
    Name(String),
    /// A newer version of this program wrote it.
    #[error("{} is a spool of version {version}, and this program knows version 1", path.display())]
    Version {
        /// The spool's file.
        path: PathBuf,
        /// Its version.
        version: u8,
    },
    /// An empty payload, or one over the limit.
    #[error("a payload has 1 to {max} bytes, not {len}", max = crate::MAX_PAYLOAD)]
    Payload {
        /// Its length.
        len: usize,
    },
    /// The spool has reached its limit.
    #[error("{} holds {bytes} bytes that nobody has fetched: it is full", path.display())]
    Full {
        /// The spool's file.
        path: PathBuf,
        /// How much it holds.
        bytes: u64,
    },
    /// An append failed and could not be taken back.
    #[error("{} could not be written and must be opened again", path.display())]
    Broken {
        /// The spool's file.
        path: PathBuf,
    },
    /// What was good when the spool was opened isn't any more.
    #[error("{} was changed at byte {offset} while it was open", path.display())]
    Changed {
        /// The spool's file.
        path: PathBuf,
        /// Where.
        offset: u64,
    },
}

impl Error {
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { what, path: path.to_owned(), source }
    }
}
