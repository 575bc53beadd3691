//! A store whose disk can be filled up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use fact::{FactId, NewFact, PersonId, SourceId, StoredFact, Timestamp, Viewer};
use store::{
    Commit, Credentials, Entry, EraseError, ExpireRequest, Expired, FiringSpan, Head, Invite, Log, Page,
    Read, Receipt, RedactRequest, Redacted, SecretHash, Session, SourceStats, StateRow, StoreError, Tally,
    Token, WindowQuery,
};
use store_sqlite::SqliteStore;
use tokio::sync::broadcast;
use uuid::Uuid;

/// The disk of a test's store.
#[derive(Debug, Clone, Default)]
pub struct Disk(Arc<AtomicBool>);

impl Disk {
    /// Nothing more can be written.
    pub fn fill(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// There is room again.
    pub fn make_room(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.0.load(Ordering::SeqCst) {
            let what = "the disk of the test is full".into();
            return Err(StoreError::Unwritable { what });
        }
        Ok(())
    }
}

/// The embedded store, on a disk that can be full.
pub(crate) struct OnDisk {
    pub(crate) inner: SqliteStore,
    pub(crate) disk: Disk,
}

#[async_trait]
impl Log for OnDisk {
    async fn append(&self, facts: Vec<NewFact>) -> Result<Vec<Receipt>, StoreError> {
        self.disk.check()?;
        self.inner.append(facts).await
    }

    fn subscribe(&self) -> broadcast::Receiver<Commit> {
        self.inner.subscribe()
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.inner.head().await
    }

    async fn redact(&self, request: RedactRequest) -> Result<Redacted, EraseError> {
        self.disk.check()?;
        self.inner.redact(request).await
    }

    async fn expire(&self, request: ExpireRequest) -> Result<Expired, EraseError> {
        self.disk.check()?;
        self.inner.expire(request).await
    }
}

#[async_trait]
impl Read for OnDisk {
    async fn window(&self, viewer: &Viewer, query: &WindowQuery) -> Result<Page, StoreError> {
        self.inner.window(viewer, query).await
    }

    async fn tally(&self, viewer: &Viewer, query: &WindowQuery) -> Result<Tally, StoreError> {
        self.inner.tally(viewer, query).await
    }

    async fn facts(&self, viewer: &Viewer, ids: &[FactId]) -> Result<Vec<Entry>, StoreError> {
        self.inner.facts(viewer, ids).await
    }

    async fn revisions(&self, viewer: &Viewer, id: FactId) -> Result<Vec<StoredFact>, StoreError> {
        self.inner.revisions(viewer, id).await
    }

    async fn containing(
        &self,
        viewer: &Viewer,
        text: &str,
        limit: usize,
    ) -> Result<Vec<StoredFact>, StoreError> {
        self.inner.containing(viewer, text, limit).await
    }

    async fn since(
        &self,
        viewer: &Viewer,
        position: u64,
        limit: usize,
    ) -> Result<Vec<StoredFact>, StoreError> {
        self.inner.since(viewer, position, limit).await
    }

    async fn firing(&self, viewer: &Viewer, limit: usize) -> Result<Vec<FiringSpan>, StoreError> {
        self.inner.firing(viewer, limit).await
    }

    async fn newest(
        &self,
        viewer: &Viewer,
        source: SourceId,
        limit: usize,
    ) -> Result<Vec<StoredFact>, StoreError> {
        self.inner.newest(viewer, source, limit).await
    }

    async fn source_stats(&self, viewer: &Viewer) -> Result<Vec<SourceStats>, StoreError> {
        self.inner.source_stats(viewer).await
    }

    async fn state_facts(
        &self,
        each: &mut (dyn for<'row> FnMut(StateRow<'row>) + Send),
    ) -> Result<(), StoreError> {
        self.inner.state_facts(each).await
    }
}

#[async_trait]
impl Credentials for OnDisk {
    async fn add_invite(&self, invite: Invite) -> Result<(), StoreError> {
        self.inner.add_invite(invite).await
    }

    async fn take_invite(&self, hash: SecretHash, now: Timestamp) -> Result<Option<PersonId>, StoreError> {
        self.inner.take_invite(hash, now).await
    }

    async fn invite(&self, hash: SecretHash, now: Timestamp) -> Result<Option<PersonId>, StoreError> {
        self.inner.invite(hash, now).await
    }

    async fn add_session(&self, session: Session) -> Result<(), StoreError> {
        self.inner.add_session(session).await
    }

    async fn session(&self, hash: SecretHash, now: Timestamp) -> Result<Option<Session>, StoreError> {
        self.inner.session(hash, now).await
    }

    async fn rotate_session(
        &self,
        old: SecretHash,
        new: Session,
        grace: Timestamp,
    ) -> Result<(), StoreError> {
        self.inner.rotate_session(old, new, grace).await
    }

    async fn touch_session(&self, hash: SecretHash, at: Timestamp) -> Result<(), StoreError> {
        self.inner.touch_session(hash, at).await
    }

    async fn sessions(&self, person: PersonId) -> Result<Vec<Session>, StoreError> {
        self.inner.sessions(person).await
    }

    async fn end_session(&self, hash: SecretHash) -> Result<(), StoreError> {
        self.inner.end_session(hash).await
    }

    async fn end_person(&self, person: PersonId) -> Result<(), StoreError> {
        self.inner.end_person(person).await
    }

    async fn add_token(&self, token: Token) -> Result<(), StoreError> {
        self.inner.add_token(token).await
    }

    async fn token(&self, hash: SecretHash, now: Timestamp) -> Result<Option<Token>, StoreError> {
        self.inner.token(hash, now).await
    }

    async fn touch_token(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        self.inner.touch_token(id, at).await
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.inner.tokens().await
    }

    async fn revoke_token(&self, id: Uuid) -> Result<bool, StoreError> {
        self.inner.revoke_token(id).await
    }
}
