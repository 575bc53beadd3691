//! Reading the log, each read within one snapshot and for one viewer.

mod late;
mod sight;
mod single;
mod state;
mod streams;
mod window;

use std::sync::Arc;

use async_trait::async_trait;
use fact::{FactId, SourceId, StoredFact, Viewer};
use store::{Entry, FiringSpan, Page, Read, SourceStats, StateRow, StoreError, Tally, WindowQuery};

use crate::SqliteStore;
use crate::row::Failed;
pub(crate) use late::Late;
pub(crate) use sight::Sight;

impl SqliteStore {
    async fn seen<T: Send + 'static>(
        &self,
        doing: &'static str,
        viewer: &Viewer,
        read: impl FnOnce(&rusqlite::Connection, &Sight) -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, StoreError> {
        let viewer = viewer.clone();
        self.readers.read(doing, move |db| read(db, &Sight::of(db, &viewer)?)).await
    }
}

#[async_trait]
impl Read for SqliteStore {
    async fn window(&self, viewer: &Viewer, query: &WindowQuery) -> Result<Page, StoreError> {
        let (query, late) = (query.clone(), Arc::clone(&self.late));
        self.seen("reading a window", viewer, move |db, sight| window::page(db, sight, &late, &query)).await
    }

    async fn tally(&self, viewer: &Viewer, query: &WindowQuery) -> Result<Tally, StoreError> {
        let (query, late) = (query.clone(), Arc::clone(&self.late));
        self.seen("counting a window", viewer, move |db, sight| window::tally(db, sight, &late, &query)).await
    }

    async fn facts(&self, viewer: &Viewer, ids: &[FactId]) -> Result<Vec<Entry>, StoreError> {
        let ids = ids.to_vec();
        self.seen("reading facts", viewer, move |db, sight| single::entries(db, sight, &ids)).await
    }

    async fn revisions(&self, viewer: &Viewer, id: FactId) -> Result<Vec<StoredFact>, StoreError> {
        self.seen("reading revisions", viewer, move |db, sight| single::revisions(db, sight, id)).await
    }

    async fn containing(
        &self,
        viewer: &Viewer,
        text: &str,
        limit: usize,
    ) -> Result<Vec<StoredFact>, StoreError> {
        let text = text.to_owned();
        let read =
            move |db: &rusqlite::Connection, sight: &Sight| single::containing(db, sight, &text, limit);
        self.seen("looking for a text", viewer, read).await
    }

    async fn since(
        &self,
        viewer: &Viewer,
        position: u64,
        limit: usize,
    ) -> Result<Vec<StoredFact>, StoreError> {
        let read = move |db: &rusqlite::Connection, sight: &Sight| single::since(db, sight, position, limit);
        self.seen("catching up", viewer, read).await
    }

    async fn firing(&self, viewer: &Viewer, limit: usize) -> Result<Vec<FiringSpan>, StoreError> {
        self.seen("reading what fires", viewer, move |db, sight| single::firing(db, sight, limit)).await
    }

    async fn newest(
        &self,
        viewer: &Viewer,
        source: SourceId,
        limit: usize,
    ) -> Result<Vec<StoredFact>, StoreError> {
        let read = move |db: &rusqlite::Connection, sight: &Sight| single::newest(db, sight, source, limit);
        self.seen("reading a source's newest facts", viewer, read).await
    }

    async fn source_stats(&self, viewer: &Viewer) -> Result<Vec<SourceStats>, StoreError> {
        self.seen("reading the sources' statistics", viewer, single::source_stats).await
    }

    async fn state_facts(
        &self,
        each: &mut (dyn for<'row> FnMut(StateRow<'row>) + Send),
    ) -> Result<(), StoreError> {
        let (batches, mut taken) = tokio::sync::mpsc::channel(4);
        let reading = self.readers.read("reading the state facts", move |db| {
            state::state_facts(db, |batch| batches.blocking_send(batch).is_ok())
        });
        let taking = async {
            while let Some(batch) = taken.recv().await {
                batch.tell(each);
            }
        };
        tokio::join!(reading, taking).0
    }
}

/// Every statement of reading, for the test that prepares them all.
#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    use single::{COUNTS, EXPIRED_COUNTS, FIRST_REDACTED, LAG, LAST};
    let fixed =
        [COUNTS, EXPIRED_COUNTS, FIRST_REDACTED, LAG, LAST, state::REPLACED, streams::PROBE, streams::END];
    let made = [
        late::outside_sql(),
        single::first_sql(),
        single::first_of_sql(),
        single::revisions_sql(),
        single::containing_sql(),
        single::since_sql(),
        single::newest_of_source_sql(),
        single::firing_sql(),
        state::STATE.into(),
        window::at_sql(),
        window::newest_sql(),
        window::ERASURES.into(),
        window::REDACTED_AT.into(),
    ];
    fixed.iter().map(ToString::to_string).chain(made).collect()
}

#[cfg(test)]
pub(crate) use window::statements as window_statements;
