//! The journal: what was changed, by whom, why, with which outcome; lines that are only ever added.
//!
//! A line is a fact in the format of docs/formats/fact-in.md. An entry is written before anything is changed, and again, as the next revision
//! of the same fact, when its outcome is known, when it is confirmed, when it is taken back. A change must not fail because its
//! journal can't be written: then it goes to /run and to syslog, and whoever asked is told.

mod file;
mod history;
mod line;
mod syslog;
mod undo;
mod who;

use std::path::{Path, PathBuf};

use fact::{FactId, Timestamp};
use ruleset::Ruleset;
use ruleset::plan::Plan;

pub use history::{Entry, History};
pub use line::{Data, Outcome, RuleAt, Status};
pub use undo::inverse;
pub use who::Who;

use line::Line;

/// The file's name in the state folder.
const NAME: &str = "journal.ndjson";

/// A journal.
#[derive(Clone, Debug)]
pub struct Journal {
    folder: PathBuf,
    fallback: PathBuf,
    syslog: PathBuf,
}

/// An entry that was begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Its id, by which it is amended.
    pub id: FactId,
    /// What a person has to know about where it was written; empty if all is well.
    pub remarks: Vec<String>,
}

/// Why the journal can't be amended.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is no such entry.
    #[error("the journal has no entry {0}")]
    Unknown(FactId),
}

impl Journal {
    /// In this state folder; in doubt in `fallback`, which need not outlive the boot.
    pub fn new(folder: &Path, fallback: &Path) -> Self {
        Self { folder: folder.into(), fallback: fallback.into(), syslog: "/dev/log".into() }
    }

    /// Writes down what is about to be done; on disk when this returns, or in `remarks` why not.
    pub fn begin(&self, plan: &Plan, rules: &Ruleset, who: Who) -> Begun {
        let id = fresh_id();
        let data = Data::of(plan, rules, who);
        let text = format!("deadstick-fw {}", plan.command.join(" "));
        let line = Line::new(id, 0, text, data);
        Begun { id, remarks: self.write(&line) }
    }

    /// Adds an outcome to an entry, as its next revision. What a person has to know is in the answer.
    pub fn amend(&self, id: FactId, outcome: Outcome) -> Result<Vec<String>, JournalError> {
        let history = self.history();
        let Some(entry) = history.entries.into_iter().find(|entry| entry.id == id) else {
            return Err(JournalError::Unknown(id));
        };
        let mut data = entry.data;
        let text = format!("{}: {}", entry.text, outcome.status);
        data.outcomes.push(outcome);
        Ok(self.write(&Line::new(id, entry.revision + 1, text, data)))
    }

    /// Everything that was written, oldest first.
    pub fn history(&self) -> History {
        History::read(&[self.file(), self.fallback.join(NAME)])
    }

    /// The file.
    pub fn file(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    fn write(&self, line: &Line) -> Vec<String> {
        let text = line.to_json();
        let mut remarks = Vec::new();
        let kept = self.fallback.join(NAME);
        let written = file::adopted(&kept, &self.file()).and_then(|()| file::append(&self.file(), &text));
        let error = match written {
            Ok(torn) => {
                remarks.extend(torn.map(|aside| {
                    format!(
                        "The last line of the journal was torn off; what there was of it is in {}.",
                        aside.display()
                    )
                }));
                return remarks;
            }
            Err(error) => error,
        };
        let is_logged = syslog::send(&self.syslog, &format!("{} ({})", line.text, line.actor));
        let and = if is_logged { " and syslog" } else { "" };
        remarks.push(match file::append(&kept, &text) {
            Ok(_) => format!(
                "The journal {} can't be written: {error}. This change is written down in {}{and} instead, until the journal can be written again.",
                self.file().display(),
                kept.display()
            ),
            Err(second) => format!(
                "The journal {} can't be written: {error}; neither can {}: {second}. This change is written down {}.",
                self.file().display(),
                kept.display(),
                if is_logged { "in syslog only" } else { "nowhere" }
            ),
        });
        remarks
    }
}

/// Now.
pub fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

/// A fresh id of version 7.
pub fn fresh_id() -> FactId {
    let mut random = [0; 10];
    getrandom::fill(&mut random).expect("the kernel's random source answers");
    FactId(fact::uuid_v7(now(), random))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn plan(command: &str) -> Plan {
        Plan { command: command.split(' ').map(Into::into).collect(), ..Plan::default() }
    }

    fn told(journal: &Journal) -> Vec<String> {
        let entries = journal.history().entries;
        entries
            .iter()
            .map(|e| format!("{} {} {:?}", e.number, e.text, e.status().map(|s| s.to_string())))
            .collect()
    }

    #[test]
    fn intent_first_then_outcomes() {
        let site = tempfile::tempdir().unwrap();
        let journal = Journal::new(&site.path().join("state/deep"), &site.path().join("run"));
        let first = journal.begin(&plan("allow 22/tcp"), &Ruleset::default(), Who::default());
        let second = journal.begin(&plan("deny 23/tcp"), &Ruleset::default(), Who::default());
        assert_eq!((first.remarks.len(), second.remarks.len()), (0, 0));
        assert_eq!(told(&journal), ["1 deadstick-fw allow 22/tcp None", "2 deadstick-fw deny 23/tcp None"]);
        journal.amend(first.id, Outcome::new(Status::Applied, "")).unwrap();
        journal.amend(first.id, Outcome::new(Status::Confirmed, "")).unwrap();
        assert_eq!(
            told(&journal),
            ["1 deadstick-fw allow 22/tcp Some(\"confirmed\")", "2 deadstick-fw deny 23/tcp None"]
        );
        assert!(journal.amend(fresh_id(), Outcome::new(Status::Applied, "")).is_err());
        let mode = journal.file().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let lines = std::fs::read_to_string(journal.file()).unwrap();
        assert_eq!(lines.lines().count(), 4, "nothing is ever rewritten");
    }

    #[test]
    fn a_torn_line_is_kept_aside() {
        let site = tempfile::tempdir().unwrap();
        let journal = Journal::new(site.path(), &site.path().join("run"));
        journal.begin(&plan("allow 22/tcp"), &Ruleset::default(), Who::default());
        let whole = std::fs::read(journal.file()).unwrap();
        for cut in [1, 20, whole.len() / 2, whole.len() - 2] {
            std::fs::write(journal.file(), [&whole[..], &whole[..cut]].concat()).unwrap();
            let history = journal.history();
            assert_eq!((history.entries.len(), history.damage.len()), (1, 1), "{cut}");
            let begun = journal.begin(&plan("deny 23/tcp"), &Ruleset::default(), Who::default());
            assert_eq!(begun.remarks.len(), 1, "{cut}");
            let history = journal.history();
            assert_eq!((history.entries.len(), history.damage.len()), (2, 0), "{cut}");
        }
        let aside = std::fs::read_dir(site.path()).unwrap().flatten();
        let torn = aside.filter(|file| file.file_name().to_string_lossy().starts_with("journal.torn-"));
        assert_eq!(torn.count(), 4);
        std::fs::write(journal.file(), &whole[..whole.len() - 1]).unwrap();
        let begun = journal.begin(&plan("deny 23/tcp"), &Ruleset::default(), Who::default());
        assert_eq!(
            (begun.remarks.len(), journal.history().entries.len()),
            (0, 2),
            "only a line feed was missing"
        );
    }

    #[test]
    fn what_cannot_be_written_goes_elsewhere_and_comes_back() {
        let site = tempfile::tempdir().unwrap();
        let folder = site.path().join("state");
        // A file where the folder should be: it can't be made, not even by root.
        std::fs::write(&folder, "").unwrap();
        let mut journal = Journal::new(&folder, &site.path().join("run"));
        journal.syslog = site.path().join("log");
        let log = std::os::unix::net::UnixDatagram::bind(&journal.syslog).unwrap();
        let begun = journal.begin(&plan("allow 22/tcp"), &Ruleset::default(), Who::default());
        assert!(begun.remarks[0].contains("run/journal.ndjson and syslog instead"), "{:?}", begun.remarks);
        let mut bytes = [0; 200];
        let length = log.recv(&mut bytes).unwrap();
        assert!(String::from_utf8_lossy(&bytes[..length]).contains("allow 22/tcp"));
        assert_eq!(told(&journal).len(), 1);
        std::fs::remove_file(&folder).unwrap();
        assert_eq!(journal.amend(begun.id, Outcome::new(Status::Applied, "")).unwrap(), Vec::<String>::new());
        assert!(!site.path().join("run/journal.ndjson").exists(), "it was taken over");
        assert_eq!(told(&journal), ["1 deadstick-fw allow 22/tcp Some(\"applied\")"]);
    }
}
