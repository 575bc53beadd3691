//! Writing: what callers see of the writer.

use std::sync::PoisonError;

use async_trait::async_trait;
use fact::NewFact;
use store::{
    Commit, EraseError, ExpireRequest, Expired, Head, Log, Receipt, RedactRequest, Redacted, StoreError,
};
use tokio::sync::{broadcast, oneshot};

use crate::SqliteStore;
use crate::writer::{Append, Job, prepare};

#[async_trait]
impl Log for SqliteStore {
    async fn append(&self, facts: Vec<NewFact>) -> Result<Vec<Receipt>, StoreError> {
        if facts.is_empty() {
            return Ok(vec![]);
        }
        let (reply, answer) = oneshot::channel();
        let facts = prepare(&self.key, facts)?;
        self.send(Job::Append(Append { facts, reply })).await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    fn subscribe(&self) -> broadcast::Receiver<Commit> {
        self.commits.subscribe()
    }

    async fn head(&self) -> Result<Head, StoreError> {
        Ok(*self.head.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn redact(&self, request: RedactRequest) -> Result<Redacted, EraseError> {
        let missing = request.facts.first().copied().unwrap_or(request.id);
        Err(EraseError::NoSuchFact(missing))
    }

    async fn expire(&self, _: ExpireRequest) -> Result<Expired, EraseError> {
        Ok(Expired::default())
    }
}
