//! The data directory: who runs there, its key, the lock.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};

use crate::client::Target;
use crate::failure::Failure;

/// DIR/run.json: how to reach the server that runs on a directory.
#[derive(Serialize, Deserialize)]
pub struct RunFile {
    /// Where it listens.
    pub url: String,
    /// The first person's token, valid while the process lives.
    pub token: String,
    /// Its process.
    pub pid: u32,
}

/// A data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    directory: PathBuf,
}

/// Held by the server that runs on a directory; gone with the process, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Whether a file has to outlive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    ForGood,
    WhileUp,
}

impl Home {
    /// A directory, there or not.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Home { directory: directory.into() }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.directory
    }

    /// Makes the directory if it is not there, for its owner only.
    pub fn create(&self) -> Result<(), Failure> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.directory)
            .map_err(|error| self.unusable("The data directory can't be made", &error))
    }

    /// Takes the directory for one server.
    pub fn lock(&self) -> Result<Lock, Failure> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.directory.join("serve.lock"))
            .map_err(|error| self.unusable("The data directory can't be written", &error))?;
        // Whoever looks for a running server holds the lock for a moment: try a few times.
        for attempt in 0..20 {
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(rustix::io::Errno::WOULDBLOCK) if attempt < 19 => {
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
                Err(rustix::io::Errno::WOULDBLOCK) => break,
                Err(error) => return Err(self.unusable("The data directory can't be locked", &error.into())),
            }
        }
        let running = self.run_file();
        let who = running.map_or_else(String::new, |run| format!(" (process {}, {})", run.pid, run.url));
        Err(Failure::environment(
            "already-running",
            format!("A server already runs on {}{who}.", self.directory.display()),
        )
        .why("Two servers on one log would both number its facts.")
        .hint("Use that one, stop it first, or give this one another directory with --data."))
    }

    /// The server that runs here, if one does. What a killed one left behind does not count.
    pub fn running(&self) -> Option<Target> {
        let run = self.run_file()?;
        let lock = File::open(self.directory.join("serve.lock")).ok()?;
        match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockShared) {
            Err(rustix::io::Errno::WOULDBLOCK) => Some(Target { url: run.url, token: Some(run.token) }),
            _ => None,
        }
    }

    fn run_file(&self) -> Option<RunFile> {
        serde_json::from_slice(&fs::read(self.run_path()).ok()?).ok()
    }

    fn run_path(&self) -> PathBuf {
        self.directory.join("run.json")
    }

    /// Tells clients on this machine how to reach the server.
    pub fn announce(&self, run: &RunFile) -> Result<(), Failure> {
        let document = serde_json::to_vec(run).expect("a run file is plain data");
        // It speaks of a process: after a power cut there is nothing to speak of.
        self.write_private("run.json", &document, Keep::WhileUp)
            .map_err(|error| self.unusable("run.json can't be written", &error))
    }

    /// Takes that back.
    pub fn withdraw(&self) {
        // At the end of the process nobody is helped by an error; a stale file is recognised.
        let _ = fs::remove_file(self.run_path());
    }

    /// The server's own key, made once.
    pub fn key(&self) -> Result<[u8; 32], Failure> {
        let path = self.directory.join("secret.key");
        match fs::read(&path) {
            Ok(bytes) => bytes.try_into().map_err(|bytes: Vec<u8>| {
                Failure::environment(
                    "key",
                    format!("{} holds {} bytes, not 32.", path.display(), bytes.len()),
                )
                .why("The secrets of all sources are derived from this key.")
                .hint("Restore it from a backup; or delete it, then every source gets a new URL.")
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut key = [0; 32];
                getrandom::fill(&mut key).expect("the system's random source answers");
                self.write_private("secret.key", &key, Keep::ForGood)
                    .map_err(|error| self.unusable("The server's key can't be written", &error))?;
                Ok(key)
            }
            Err(error) => Err(self.unusable("The server's key can't be read", &error)),
        }
    }

    /// Copies the key beside a copy of the log.
    pub fn copy_key(&self, to: &Path) -> Result<(), Failure> {
        let copy = Home::new(to);
        let key = self.key()?;
        copy.write_private("secret.key", &key, Keep::ForGood)
            .map_err(|error| copy.unusable("The server's key can't be copied", &error))
    }

    /// Writes a file whole or not at all, for the owner only.
    fn write_private(&self, name: &str, bytes: &[u8], keep: Keep) -> io::Result<()> {
        let temporary = self.directory.join(format!("{name}.new"));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(bytes)?;
        if keep == Keep::ForGood {
            file.sync_all()?;
        }
        fs::rename(&temporary, self.directory.join(name))?;
        if keep == Keep::ForGood {
            File::open(&self.directory)?.sync_all()?;
        }
        Ok(())
    }

    fn unusable(&self, what: &str, error: &io::Error) -> Failure {
        let hint = match error.kind() {
            io::ErrorKind::PermissionDenied => {
                "Give this user the right to write there, or name another directory with --data."
            }
            io::ErrorKind::StorageFull => "Make room on that disk, or name another directory with --data.",
            io::ErrorKind::ReadOnlyFilesystem => "Mount it writable, or name another directory with --data.",
            _ => "Name another directory with --data.",
        };
        Failure::environment("data-directory", format!("{what}: {}", self.directory.display()))
            .why(error)
            .hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let directory = tempfile::tempdir().unwrap();
        let home = Home::new(directory.path().join("data"));
        home.create().unwrap();
        (directory, home)
    }

    #[test]
    fn the_key_is_made_once_and_for_its_owner() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, home) = home();
        let key = home.key().unwrap();
        assert_eq!(home.key().unwrap(), key);
        let mode = fs::metadata(home.path().join("secret.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(home.path().join("secret.key"), b"short").unwrap();
        assert_eq!(home.key().unwrap_err().exit_status(), 4);
    }

    #[test]
    fn a_killed_servers_run_file_does_not_count() {
        let (_directory, home) = home();
        let lock = home.lock().unwrap();
        home.announce(&RunFile { url: "http://127.0.0.1:1".into(), token: "t".into(), pid: 1 }).unwrap();
        assert_eq!(home.running().map(|target| target.url), Some("http://127.0.0.1:1".into()));
        let refused = home.lock().unwrap_err();
        assert_eq!(refused.exit_status(), 4);
        assert!(refused.problem.title.contains("already runs"), "{}", refused.problem.title);
        drop(lock);
        assert!(home.running().is_none());
        home.lock().unwrap();
    }
}
