//! Commands about sources.

use std::collections::BTreeSet;

use fact::{EntityId, Kind, SourceId};

use super::desk::{Desk, Draft};
use super::{Decided, conflict, invalid, not_found};
use crate::{Act, Command, Event, Mapping, Refused, Source, SourceKind};

/// A hundred years.
const MAX_DAYS: u32 = 36_500;
/// A path into a payload.
const MAX_PATH: usize = 300;

impl<'a> Desk<'a, '_> {
    pub(super) fn source_command(&mut self, command: &Command) -> Result<Decided, Refused> {
        match command {
            Command::AddSource { kind, name, private } => self.add_source(*kind, name, *private),
            Command::Retention { source, days } => self.retention(source, *days),
            Command::SourcePrivacy { source, private, add, remove } => {
                let source = self.source(source)?;
                let first = || BTreeSet::from([self.who]);
                let members = self.members(source.members.as_ref(), *private, add, remove, first)?;
                if members == source.members {
                    return Ok(self.so_already(source.id.into(), None));
                }
                let line = self.members_line(&source.name, members.as_ref());
                self.about_source(source.id, Event::MembersSet { members }, line)
            }
            Command::Map { source, mapping } => self.map(source, mapping),
            Command::RotateSource { source } => {
                let source = self.source(source)?;
                let line = format!("{} has a new secret", source.name);
                self.about_source(source.id, Event::Rotated, line)
            }
            _ => unreachable!("decide sends commands about sources only"),
        }
    }

    /// A source that one who manages sources names: its settings are theirs even where its facts
    /// are not.
    fn source(&self, name: &str) -> Result<&'a Source, Refused> {
        let found = self
            .state
            .source_named(name)
            .filter(|source| self.may(Act::ManageSources) || self.viewer.sees_source(source.id));
        found.ok_or_else(|| no_such_source(name))
    }

    /// A source whose facts the person sees.
    pub(super) fn seen_source(&self, name: &str) -> Result<&'a Source, Refused> {
        let found = self.state.source_named(name).filter(|source| self.viewer.sees_source(source.id));
        found.ok_or_else(|| no_such_source(name))
    }

    fn add_source(&mut self, kind: SourceKind, name: &str, private: bool) -> Result<Decided, Refused> {
        let name = name.trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty()
            || name.len() > 64
            || !name.chars().all(fits)
            || !name.starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            let message = "a source's name has 1 to 64 of a-z, 0-9, -, _ and ., a letter or digit first";
            return Err(invalid("bad-name", message));
        }
        if !SourceKind::ADDABLE.contains(&kind) {
            return Err(invalid("bad-kind", format!("a source of kind {kind} can't be added")));
        }
        match self.state.sources.values().find(|source| source.name.eq_ignore_ascii_case(name)) {
            Some(source) if source.kind == kind && source.name == name => {
                Ok(self.so_already(source.id.into(), None))
            }
            Some(source) => {
                let message = format!("there is a source {} of kind {}", source.name, source.kind);
                Err(conflict("name-taken", message))
            }
            None => {
                let members = private.then(|| BTreeSet::from([self.who]));
                let line = format!("added source {name} ({kind})");
                let id = SourceId(self.envelope.id.0);
                self.about_source(id, Event::SourceAdded { kind, name: name.into(), members }, line)
            }
        }
    }

    fn retention(&mut self, source: &str, days: Option<u32>) -> Result<Decided, Refused> {
        let source = self.source(source)?;
        if days.is_some_and(|days| days == 0 || days > MAX_DAYS) {
            return Err(invalid("bad-retention", format!("days lie between 1 and {MAX_DAYS}")));
        }
        if days == source.retention_days {
            return Ok(self.so_already(source.id.into(), None));
        }
        let line = match days {
            Some(days) => format!("talk of {} is kept {days} days", source.name),
            None => format!("talk of {} is kept for ever", source.name),
        };
        self.about_source(source.id, Event::RetentionSet { days }, line)
    }

    fn map(&mut self, source: &str, mapping: &Mapping) -> Result<Decided, Refused> {
        let source = self.source(source)?;
        if source.kind != SourceKind::Json {
            let message = format!("{} is of kind {}: only kind json has a mapping", source.name, source.kind);
            return Err(invalid("no-mapping", message));
        }
        let Mapping { time, text, actor, native_id, thread, status, kind, each } = mapping;
        let paths = [time, text, actor, native_id, thread, status, kind, each];
        for path in paths.into_iter().flatten() {
            if path.len() > MAX_PATH || path.contains('\0') {
                return Err(invalid("bad-path", "a path is too long or holds a NUL character"));
            }
        }
        if let Some(kind) = kind {
            let checked = kind.parse::<Kind>();
            checked.map_err(|error| invalid("bad-kind", error.to_string()))?;
        }
        if *mapping == source.mapping {
            return Ok(self.so_already(source.id.into(), None));
        }
        let line = format!("{} has a new mapping", source.name);
        self.about_source(source.id, Event::Mapped { mapping: mapping.clone() }, line)
    }

    fn about_source(&mut self, source: SourceId, event: Event, line: String) -> Result<Decided, Refused> {
        let draft = Draft::new(Kind::STATE, self.time(None)?, line);
        self.write(EntityId::from(source), event, draft)?;
        Ok(self.done(None))
    }
}

fn no_such_source(name: &str) -> Refused {
    let name: String = name.chars().take(64).collect();
    not_found("no-such-source", format!("there is no source `{name}`"))
}
