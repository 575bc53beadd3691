//! When a session or token was used last: noted in memory, written once a minute, so that reading
//! a page never waits for the disk.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use fact::Timestamp;
use store::{SecretHash, Store, StoreError};
use uuid::Uuid;

/// What was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Used {
    Session(SecretHash),
    Token(Uuid),
}

/// Uses that are not written yet.
#[derive(Debug, Default)]
pub(crate) struct Touches(Mutex<HashMap<Used, Timestamp>>);

impl Touches {
    pub(crate) fn note(&self, used: Used, at: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(used, at);
    }

    /// Writes what was noted.
    pub(crate) async fn write(&self, store: &dyn Store) -> Result<(), StoreError> {
        let noted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (used, at) in noted {
            match used {
                Used::Session(hash) => store.touch_session(hash, at).await?,
                Used::Token(id) => store.touch_token(id, at).await?,
            }
        }
        Ok(())
    }
}
