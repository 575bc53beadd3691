//! What was found damaged.

use std::fmt;
use std::path::PathBuf;

/// Bytes of a spool that could not be read as frames, and where they are kept now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong.
    pub what: &'static str,
    /// From which byte of the spool's file on.
    pub offset: u64,
    /// How many bytes were moved aside; they may hold whole frames that came later.
    pub bytes: u64,
    /// Where they were moved; `None` when no bytes were concerned.
    pub kept_in: Option<PathBuf>,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.offset)?;
        match &self.kept_in {
            Some(path) => write!(f, "; {} bytes from there on are kept in {}", self.bytes, path.display()),
            None => Ok(()),
        }
    }
}
