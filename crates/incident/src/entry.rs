//! Entries: what people say in their own words, and where it belongs.

use fact::{EntityId, FactId, PersonId, Timestamp};

use crate::{ActionTaken, Pair};

/// What sort of entry it is, with what is needed to take it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// `did`.
    Did,
    /// `note`.
    Note,
    /// `why`.
    Why,
    /// A result told in words.
    Result(Pair),
    /// A word on a proposed result.
    Verdict(Pair),
    /// A status update.
    Status,
    /// The end of a temporary measure.
    Settled(FactId),
    /// An amendment of a fact.
    Amendment(FactId),
}

impl EntryKind {
    /// Whether it can be put into another incident.
    pub fn is_movable(self) -> bool {
        matches!(self, EntryKind::Did | EntryKind::Note | EntryKind::Why | EntryKind::Result(_))
    }
}

/// An entry: enough to find it again; its text is where it is shown, or in the log only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// By whom.
    pub by: PersonId,
    /// When, as it stands now.
    pub at: Timestamp,
    /// When, as first told.
    pub told_at: Timestamp,
    /// What sort.
    pub kind: EntryKind,
    /// The entity of its fact: an incident, or the entry itself if it was typed without one.
    pub home: EntityId,
    /// The incident to which it belongs now.
    pub incident: Option<EntityId>,
    /// Whether it was taken back.
    pub undone: bool,
}

/// An entry that belongs to no incident yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unassigned {
    /// `did`, `note` or `why`.
    pub kind: EntryKind,
    /// What was said.
    pub said: ActionTaken,
}
