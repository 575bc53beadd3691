//! Reading the journal: entries out of lines.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use fact::{FactId, Timestamp};

use super::line::{Data, Line, Status};

/// What the journal tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// Lines that can't be read, for people.
    pub damage: Vec<String>,
}

/// A change, as its last line tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// From 1 on, in the order in which they were begun; the name of an entry for people.
    pub number: usize,
    /// Its id.
    pub id: FactId,
    /// Of its last line.
    pub revision: u32,
    /// When it was begun.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, as it was typed.
    pub text: String,
    /// Everything else.
    pub data: Data,
}

impl Entry {
    /// How it stands; `None` if it was begun and never ended, as after a kill or a power cut.
    pub fn status(&self) -> Option<Status> {
        self.data.outcomes.last().map(|outcome| outcome.status)
    }
}

impl History {
    /// Of these files, one after the other; one that isn't there is empty.
    pub fn read(files: &[PathBuf]) -> Self {
        let mut history = Self::default();
        let mut places: BTreeMap<FactId, usize> = BTreeMap::new();
        for file in files {
            let bytes = match fs::read(file) {
                Ok(bytes) => bytes,
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                    continue;
                }
                Err(error) => {
                    history.damage.push(format!("{} can't be read: {error}", file.display()));
                    continue;
                }
            };
            let text = String::from_utf8_lossy(&bytes);
            for (number, text) in text.split_terminator('\n').enumerate() {
                match serde_json::from_str(text) {
                    Ok(line) => history.take(line, &mut places),
                    Err(error) => {
                        let place = format!("{}, line {}", file.display(), number + 1);
                        history.damage.push(format!("{place} can't be read: {error}"));
                    }
                }
            }
        }
        history
    }

    fn take(&mut self, line: Line, places: &mut BTreeMap<FactId, usize>) {
        let place = *places.entry(line.native_id).or_insert(self.entries.len());
        let Some(entry) = self.entries.get_mut(place) else {
            let number = place + 1;
            let Line { native_id, revision, occurred_at, actor, text, data, .. } = line;
            self.entries.push(Entry { number, id: native_id, revision, at: occurred_at, actor, text, data });
            return;
        };
        if line.revision > entry.revision {
            entry.revision = line.revision;
            entry.data = line.data;
        }
    }
}
