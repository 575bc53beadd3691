//! Who looks: an argument of every read. There is no read without one.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::{EntityId, PersonId, SourceId};

/// What one reader may see.
///
/// Visibility has two carriers: the source of a fact, and the incident that a fact is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Viewer {
    person: Option<PersonId>,
    sources: Option<BTreeSet<SourceId>>,
    hidden: BTreeSet<EntityId>,
}

impl Viewer {
    /// A person who sees the facts of `sources`, but nothing that is about an entity in `hidden`.
    pub fn person(person: PersonId, sources: BTreeSet<SourceId>, hidden: BTreeSet<EntityId>) -> Self {
        Viewer { person: Some(person), sources: Some(sources), hidden }
    }

    /// A reader that is no person and sees the facts of `sources` only: a source's own token.
    pub fn source(source: SourceId) -> Self {
        Viewer { person: None, sources: Some([source].into()), hidden: BTreeSet::new() }
    }

    /// The program itself, for retention, rebuilding and proofs; never for an answer to somebody.
    pub fn system() -> Self {
        Viewer { person: None, sources: None, hidden: BTreeSet::new() }
    }

    /// The person, if it is one.
    pub fn as_person(&self) -> Option<PersonId> {
        self.person
    }

    /// The sources seen; `None` is all.
    pub fn sources(&self) -> Option<&BTreeSet<SourceId>> {
        self.sources.as_ref()
    }

    /// The entities hidden.
    pub fn hidden(&self) -> &BTreeSet<EntityId> {
        &self.hidden
    }

    /// Whether facts of the source are seen.
    pub fn sees_source(&self, source: SourceId) -> bool {
        self.sources.as_ref().is_none_or(|seen| seen.contains(&source))
    }

    /// Whether what is about the entity is seen.
    pub fn sees_entity(&self, entity: EntityId) -> bool {
        !self.hidden.contains(&entity)
    }

    /// Viewers of one class see the same: what is rendered for one can be sent to all.
    pub fn class(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.sources, &self.hidden).hash(&mut hasher);
        hasher.finish()
    }
}
