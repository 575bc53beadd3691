//! From what SQLite says to what the store says.

use std::path::Path;

use rusqlite::ErrorCode;
use store::StoreError;

/// Turns a database error into one that tells what, where and what to do.
pub(crate) fn failure(doing: &'static str, dir: &Path, error: rusqlite::Error) -> StoreError {
    let remedy = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full: free some space, then try again",
        Some(ErrorCode::ReadOnly) => "it is read-only: make it writable, then try again",
        Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "files can't be opened: give this user the right to write there, then try again"
        }
        Some(ErrorCode::SystemIoFailure) => {
            "the disk fails: look at the system's log (dmesg), free some space, then try again"
        }
        _ => return StoreError::Database { doing, source: Box::new(error) },
    };
    StoreError::Unwritable { what: format!("{}: {remedy} ({error}); nothing was stored", dir.display()) }
}
