//! Where changes that may go back are kept: one file each, written so that it is there whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use uuid::Uuid;

use super::record::Record;

/// The folder of one network namespace, and the one for when its disk is full or read-only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    folder: PathBuf,
    fallback: PathBuf,
}

/// Held while a record is read, decided on and written.
#[derive(Debug)]
pub struct Held {
    #[expect(dead_code, reason = "it is held, not read")]
    lock: Flock<File>,
}

impl Store {
    /// In these folders; nothing is made.
    pub fn new(folder: &Path, fallback: &Path) -> Self {
        Self { folder: folder.into(), fallback: fallback.into() }
    }

    /// The folders, in the order of preference.
    pub fn folders(&self) -> [&Path; 2] {
        [&self.folder, &self.fallback]
    }

    /// The lock, if nobody holds it now.
    pub fn try_hold(&self) -> io::Result<Option<Held>> {
        let file = self.folders().map(|folder| open_lock(&folder.join("lock")));
        let [first, second] = file;
        match Flock::lock(first.or(second)?, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => Ok(Some(Held { lock })),
            Err((_, Errno::EWOULDBLOCK | Errno::EINTR)) => Ok(None),
            Err((_, errno)) => Err(errno.into()),
        }
    }

    /// The lock; the error says how long it was waited for.
    pub fn hold(&self, patience: std::time::Duration) -> io::Result<Held> {
        let begin = std::time::Instant::now();
        loop {
            if let Some(held) = self.try_hold()? {
                return Ok(held);
            }
            if begin.elapsed() > patience {
                let text =
                    format!("another deadstick-fw holds the lock, since {} s at least", patience.as_secs());
                return Err(io::Error::new(io::ErrorKind::WouldBlock, text));
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Writes a record; it is on disk when this returns.
    pub fn write(&self, record: &Record) -> io::Result<()> {
        let text = serde_json::to_vec(record).expect("a record is plain data");
        let name = format!("{}.json", record.id);
        // A record that went elsewhere stays there: there must never be two of them.
        let is_elsewhere = self.fallback.join("open").join(&name).exists();
        let first = match is_elsewhere {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => replace(&self.folder.join("open"), &name, &text),
        };
        first.or_else(|_| {
            replace(&self.fallback.join("open"), &name, &text)?;
            let _ = fs::remove_file(self.folder.join("open").join(&name));
            Ok(())
        })
    }

    /// The record of this id, if it is still open.
    pub fn record(&self, id: Uuid) -> Option<Record> {
        self.open().into_iter().find(|record| record.id == id)
    }

    /// All records that something has to be done about, oldest first.
    pub fn open(&self) -> Vec<Record> {
        let mut records: Vec<Record> = Vec::new();
        // A record is elsewhere only because it could not be written in its place: then that one counts.
        for folder in self.folders().into_iter().rev() {
            let entries = fs::read_dir(folder.join("open")).into_iter().flatten().flatten();
            for path in entries.map(|entry| entry.path()) {
                let is_record = path.extension().is_some_and(|extension| extension == "json");
                let text = if is_record { fs::read(&path).ok() } else { None };
                let record = text.and_then(|text| serde_json::from_slice::<Record>(&text).ok());
                records.extend(record.filter(|one| records.iter().all(|other| other.id != one.id)));
            }
        }
        records.sort_by_key(|record| record.id);
        records
    }

    /// Ends the waiting for a record: it becomes the last one that was closed.
    pub fn close(&self, record: &Record) -> io::Result<()> {
        let text = serde_json::to_vec(record).expect("a record is plain data");
        let kept = replace(&self.folder, "last.json", &text);
        // That it is told is worth less than that it does not go back twice.
        let _ = kept.or_else(|_| replace(&self.fallback, "last.json", &text));
        let mut is_left = false;
        for folder in self.folders() {
            let file = |ending: &str| folder.join("open").join(format!("{}.{ending}", record.id));
            let removed = fs::remove_file(file("json"));
            is_left |= removed.is_err_and(|error| error.kind() != io::ErrorKind::NotFound);
            let _ = fs::remove_file(file("guard"));
        }
        if is_left {
            // The disk became read-only: the record elsewhere counts more than the one that can't be removed.
            replace(&self.fallback.join("open"), &format!("{}.json", record.id), &text)?;
        }
        Ok(())
    }

    /// The last change that was closed.
    pub fn last(&self) -> Option<Record> {
        let read =
            |folder: &Path| serde_json::from_slice::<Record>(&fs::read(folder.join("last.json")).ok()?).ok();
        self.folders().into_iter().filter_map(read).max_by_key(|record| record.id)
    }

    /// Says that this process guards the record, for as long as it lives and holds what is returned.
    pub fn guard(&self, id: Uuid) -> io::Result<Option<Held>> {
        let [first, second] = self.folders().map(|folder| open_lock(&self.guard_file(folder, id)));
        match Flock::lock(first.or(second)?, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => Ok(Some(Held { lock })),
            Err(_) => Ok(None),
        }
    }

    /// Does a guard live?
    pub fn is_guarded(&self, id: Uuid) -> bool {
        self.folders().into_iter().any(|folder| {
            let file = File::open(self.guard_file(folder, id));
            file.is_ok_and(|file| Flock::lock(file, FlockArg::LockSharedNonblock).is_err())
        })
    }

    fn guard_file(&self, folder: &Path, id: Uuid) -> PathBuf {
        folder.join("open").join(format!("{id}.guard"))
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn open_lock(path: &Path) -> io::Result<File> {
    make_folder(path.parent().unwrap_or(Path::new("/")))?;
    File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Replaces a file: written beside it, synced, renamed, and the folder synced.
fn replace(folder: &Path, name: &str, text: &[u8]) -> io::Result<()> {
    make_folder(folder)?;
    let beside = folder.join(format!("{name}.new"));
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text)?;
    file.sync_data()?;
    fs::rename(&beside, folder.join(name))?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use ruleset::plan::Plan;

    use super::super::record::State;
    use super::*;

    fn record(number: u128) -> Record {
        Record::new(Uuid::from_u128(number), &Plan::default(), (1, 2))
    }

    #[test]
    fn records_are_written_read_and_closed() {
        let site = tempfile::tempdir().unwrap();
        let store = Store::new(&site.path().join("state"), &site.path().join("run"));
        assert_eq!((store.open(), store.last()), (vec![], None));
        let mut one = record(2);
        store.write(&one).unwrap();
        store.write(&record(1)).unwrap();
        one.state = State::Applied;
        store.write(&one).unwrap();
        assert_eq!(
            store.open(),
            [record(1), one.clone()].map(|mut r| {
                r.begun_at = store.record(r.id).unwrap().begun_at;
                r
            })
        );
        one.state = State::RolledBack;
        store.close(&one).unwrap();
        assert_eq!(store.open().len(), 1);
        assert_eq!(store.last(), Some(one));
    }

    #[test]
    fn a_full_disk_sends_it_elsewhere() {
        let site = tempfile::tempdir().unwrap();
        let store = Store::new(&site.path().join("state"), &site.path().join("run"));
        fs::write(site.path().join("state"), "in the way").unwrap();
        store.write(&record(1)).unwrap();
        assert_eq!(store.open().len(), 1);
        assert!(store.try_hold().unwrap().is_some());
        // The disk is well again: there is still one record only.
        fs::remove_file(site.path().join("state")).unwrap();
        let mut one = store.open().remove(0);
        one.state = State::Applied;
        store.write(&one).unwrap();
        assert_eq!(store.open(), [one.clone()]);
        store.close(&one).unwrap();
        assert_eq!(store.open(), []);
    }

    #[test]
    fn one_holds_the_lock_and_a_guard_is_seen() {
        let site = tempfile::tempdir().unwrap();
        let store = Store::new(&site.path().join("state"), &site.path().join("run"));
        let held = store.try_hold().unwrap();
        assert!(held.is_some());
        assert!(store.hold(std::time::Duration::ZERO).is_err());
        drop(held);
        assert!(store.hold(std::time::Duration::ZERO).is_ok());
        let id = Uuid::from_u128(1);
        assert!(!store.is_guarded(id));
        let guard = store.guard(id).unwrap();
        assert!(guard.is_some() && store.is_guarded(id));
        assert!(store.guard(id).unwrap().is_none(), "one guard is enough");
        drop(guard);
        assert!(!store.is_guarded(id));
    }
}
