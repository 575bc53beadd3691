//! Peers that were seen while `observe` ran: kept in the state folder, for `default deny incoming --keep-present`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use fact::Timestamp;
use ruleset::plan::Observed;
use serde::{Deserialize, Serialize};

/// The file's name in the state folder.
const NAME: &str = "observed.json";
/// Whoever wasn't seen for so long is forgotten.
const KEPT_SECONDS: i64 = 30 * 86_400;

/// Who was seen, and when last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings(BTreeMap<Observed, Timestamp>);

#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    who: Observed,
    last: Timestamp,
}

impl Sightings {
    /// What earlier runs have left; nothing where there is nothing, or nothing that can be read.
    pub fn read(folder: &Path, now: Timestamp) -> Self {
        let text = std::fs::read_to_string(file(folder)).unwrap_or_default();
        let lines: Vec<Line> = serde_json::from_str(&text).unwrap_or_default();
        let is_fresh =
            |line: &Line| now.to_jiff().as_second() - line.last.to_jiff().as_second() < KEPT_SECONDS;
        Self(lines.into_iter().filter(is_fresh).map(|line| (line.who, line.last)).collect())
    }

    /// Adds those who are seen now. Is anybody new among them?
    pub fn add(&mut self, seen: impl IntoIterator<Item = Observed>, now: Timestamp) -> bool {
        let mut is_new = false;
        for one in seen {
            is_new |= self.0.insert(one, now).is_none();
        }
        is_new
    }

    /// Writes all of it, whole or not at all.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let lines: Vec<Line> = self.0.iter().map(|(who, last)| Line { who: *who, last: *last }).collect();
        let text = serde_json::to_string(&lines).map_err(io::Error::other)?;
        let fresh = folder.join(format!("{NAME}.new"));
        std::fs::write(&fresh, text)?;
        std::fs::rename(&fresh, file(folder))
    }

    /// All of them.
    pub fn all(&self) -> Vec<Observed> {
        self.0.keys().copied().collect()
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_seen_is_kept_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let at = |second: i64| Timestamp::from_micros(second * 1_000_000);
        let start = at(1_700_000_000);
        let one = Observed { protocol: 6, port: 5432, peer: "10.0.0.7".parse().unwrap() };
        let other = Observed { port: 22, ..one };
        let mut sightings = Sightings::read(folder.path(), start);
        assert!(sightings.add([one], start) && !sightings.add([one], start));
        let later = at(1_700_000_000 + KEPT_SECONDS - 1);
        sightings.add([other], later);
        sightings.write(folder.path()).unwrap();
        assert_eq!(Sightings::read(folder.path(), later).all(), [other, one]);
        let much_later = at(1_700_000_000 + KEPT_SECONDS);
        assert_eq!(Sightings::read(folder.path(), much_later).all(), [other]);
    }
}
