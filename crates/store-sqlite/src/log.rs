//! Writing: what callers see of the writer.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use fact::NewFact;
use store::{
    Commit, EraseError, ExpireRequest, Expired, Head, Log, Receipt, RedactRequest, Redacted, StoreError,
};
use tokio::sync::{broadcast, oneshot};

use crate::SqliteStore;
use crate::writer::{Append, Job, Writer, prepare};

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
        self.erase(move |writer| writer.redact(request)).await
    }

    async fn expire(&self, request: ExpireRequest) -> Result<Expired, EraseError> {
        let mut expired = Expired::default();
        let request = Arc::new(request);
        let mut after = Some(0);
        // Each step is a job of its own, so that appends go on between them.
        while let Some(position) = after {
            let step = Arc::clone(&request);
            let done = self.erase(move |writer| writer.expire_some(&step, position)).await?;
            expired.count += done.count;
            expired.records += u64::from(done.count > 0);
            after = done.next;
        }
        if expired.count > 0 {
            while self.erase(Writer::shrink).await? {}
            self.erase(Writer::wipe).await?;
        }
        Ok(expired)
    }
}

impl SqliteStore {
    /// Runs a part of an erasure on the writer's thread.
    async fn erase<T: Send + 'static>(
        &self,
        part: impl FnOnce(&mut Writer) -> Result<T, EraseError> + Send + 'static,
    ) -> Result<T, EraseError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Alone(Box::new(move |writer| {
            let _ = reply.send(part(writer));
        })))
        .await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}
