//! Folds what is told of sources.

use fact::SourceId;

use super::Telling;
use crate::{Event, Mapping, Source, State};

impl State {
    /// Folds an event about a source; gives back any other.
    pub(super) fn tell_source(&mut self, told: &Telling, event: Event) -> Option<Event> {
        let id = SourceId(told.entity.0);
        if let Event::SourceAdded { kind, name, members } = event {
            self.sources.entry(id).or_insert_with(|| Source {
                id,
                name,
                kind,
                members,
                retention_days: None,
                mapping: Mapping::default(),
                secret_generation: 0,
                version: 0,
                read_only: None,
            });
            return None;
        }
        let Some(source) = self.sources.get_mut(&id) else { return Some(event) };
        match event {
            Event::RetentionSet { days } => source.retention_days = days,
            Event::MembersSet { members } => source.members = members,
            Event::Mapped { mapping } => source.mapping = mapping,
            Event::Rotated => source.secret_generation += 1,
            other => return Some(other),
        }
        None
    }
}
