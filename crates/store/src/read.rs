//! Reading: windows, single facts, what fires, the state facts.

use async_trait::async_trait;
use fact::{EntityId, FactId, Kind, ReplacedEvent, SourceId, StoredFact, Timestamp, Viewer};

use crate::StoreError;

/// A place in a timeline: timelines sort by time, then position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Where it is in the log.
    pub position: u64,
}

/// Which way to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

/// The facts of a window.
///
/// A live fact is in if it happened *or* was recorded inside; an imported one if it happened
/// inside; a fact of a thread with spans if one of the thread's spans overlaps the window and the
/// fact begins or ends that span. A fact about an entity is in only if that entity is `entity`,
/// and then whatever its time. Facts of kind `test` are never in. An edit is told with its
/// original, never by itself.
#[derive(Debug, Clone)]
pub struct WindowQuery {
    /// First moment.
    pub from: Timestamp,
    /// Last moment.
    pub until: Timestamp,
    /// The incident that is looked at.
    pub entity: Option<EntityId>,
    /// Only these sources; `None`: all that the viewer sees. The product's own source is always in.
    pub sources: Option<Vec<SourceId>>,
    /// Only these kinds; `None`: all.
    pub kinds: Option<Vec<Kind>>,
    /// These as well, whatever their time, source and entity: what was put in by hand, and entries
    /// kept without an incident. Only what the viewer may see, as ever; in their place in the order.
    pub with: Vec<FactId>,
    /// Not these facts.
    pub without: Vec<FactId>,
    /// Which way.
    pub order: Order,
    /// Beyond this place.
    pub beyond: Option<Cursor>,
    /// At most so many.
    pub limit: usize,
}

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A fact: its first telling, and its newest one if it was edited.
    Fact {
        /// The first telling.
        first: Box<StoredFact>,
        /// The newest revision, if there is more than one.
        newest: Option<Box<StoredFact>>,
    },
    /// A redacted fact.
    Redacted {
        /// Its position.
        position: u64,
        /// Its id.
        id: FactId,
        /// Its source.
        source: SourceId,
        /// When it had happened.
        occurred_at: Timestamp,
        /// When it was recorded.
        recorded_at: Timestamp,
    },
}

impl Entry {
    /// Its place in a timeline: that of its first telling.
    pub fn cursor(&self) -> Cursor {
        match self {
            Entry::Fact { first, .. } => {
                Cursor { occurred_at: first.fact.content.occurred_at, position: first.position }
            }
            Entry::Redacted { position, occurred_at, .. } => {
                Cursor { occurred_at: *occurred_at, position: *position }
            }
        }
    }

    /// The id of its first telling.
    pub fn id(&self) -> FactId {
        match self {
            Entry::Fact { first, .. } => first.fact.id,
            Entry::Redacted { id, .. } => *id,
        }
    }

    /// Its source.
    pub fn source(&self) -> SourceId {
        match self {
            Entry::Fact { first, .. } => first.fact.source,
            Entry::Redacted { source, .. } => *source,
        }
    }
}

/// A part of a window.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// In the order asked for.
    pub entries: Vec<Entry>,
    /// Whether there are more beyond the last one.
    pub more: bool,
}

/// How many facts of a window, by source and kind, and what retention took.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// By source and kind, sorted.
    pub counts: Vec<(SourceId, Kind, u64)>,
    /// Expired facts of the window by source: about how many (an expiry tells the range of times
    /// in which its facts had happened, not each time).
    pub expired: Vec<(SourceId, u64)>,
}

/// A thread's interval that has not ended: an alert that fires.
#[derive(Debug, Clone, PartialEq)]
pub struct FiringSpan {
    /// Since when.
    pub begin: Timestamp,
    /// The fact that began it.
    pub fact: StoredFact,
}

/// How a source's recording goes, over all its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceStats {
    /// The source.
    pub source: SourceId,
    /// How many facts it has in the log, erased ones included.
    pub facts: u64,
    /// When the last one was recorded.
    pub last_recorded: Option<Timestamp>,
    /// When the last one had happened.
    pub last_occurred: Option<Timestamp>,
    /// Lags (recorded minus occurred, microseconds) of its latest live facts, newest first, at
    /// most 100: negative where the source's clock is ahead.
    pub lags: Vec<i64>,
}

/// Reading the log.
#[async_trait]
pub trait Read: Send + Sync + 'static {
    /// A part of a window.
    async fn window(&self, viewer: &Viewer, query: &WindowQuery) -> Result<Page, StoreError>;

    /// The counts of a window; `kinds`, `order`, `beyond` and `limit` of the query don't matter.
    async fn tally(&self, viewer: &Viewer, query: &WindowQuery) -> Result<Tally, StoreError>;

    /// Facts by id, in the order asked for; an edit's id finds its first telling; what the viewer
    /// may not see is left out just like what is not there.
    async fn facts(&self, viewer: &Viewer, ids: &[FactId]) -> Result<Vec<Entry>, StoreError>;

    /// All revisions of a fact, oldest first; empty if there is none to be seen.
    async fn revisions(&self, viewer: &Viewer, id: FactId) -> Result<Vec<StoredFact>, StoreError>;

    /// Facts whose content holds a text, byte for byte, newest first: to find what to redact.
    async fn containing(
        &self,
        viewer: &Viewer,
        text: &str,
        limit: usize,
    ) -> Result<Vec<StoredFact>, StoreError>;

    /// Facts after a position, in order, at most `limit`: to catch up after a subscriber was slow.
    async fn since(
        &self,
        viewer: &Viewer,
        position: u64,
        limit: usize,
    ) -> Result<Vec<StoredFact>, StoreError>;

    /// Intervals of alerts that have not ended, newest first, at most `limit`.
    async fn firing(&self, viewer: &Viewer, limit: usize) -> Result<Vec<FiringSpan>, StoreError>;

    /// The newest facts of a source, newest first.
    async fn newest(
        &self,
        viewer: &Viewer,
        source: SourceId,
        limit: usize,
    ) -> Result<Vec<StoredFact>, StoreError>;

    /// How the sources' recording goes; sources without facts are left out.
    async fn source_stats(&self, viewer: &Viewer) -> Result<Vec<SourceStats>, StoreError>;

    /// Every state fact in order, in batches, for rebuilding; redacted ones come as replacements.
    async fn state_facts(
        &self,
        each: &mut (dyn for<'row> FnMut(StateRow<'row>) + Send),
    ) -> Result<(), StoreError>;
}

/// A state fact, or what a redaction left of one.
#[derive(Debug, Clone, PartialEq)]
pub enum StateRow<'a> {
    /// As it is stored.
    Fact {
        /// Its position.
        position: u64,
        /// When it was recorded.
        recorded_at: Timestamp,
        /// Its id.
        id: FactId,
        /// The bytes of its content: there are hundreds of thousands, and few of their fields matter.
        content: &'a [u8],
    },
    /// With its texts blanked; id, times from the redaction's record.
    Replaced {
        /// The blanked event.
        event: ReplacedEvent,
        /// Its id.
        id: FactId,
        /// When it had happened.
        occurred_at: Timestamp,
        /// When it was recorded.
        recorded_at: Timestamp,
    },
}
