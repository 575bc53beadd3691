//! Commands typed while the server is away: kept on disk, sent later in their order.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use incident::{Command, Envelope};
use serde::Serialize;
use spool::{Mark, Spool};

use crate::client::{Client, Trouble};
use crate::failure::{Failure, chain};
use crate::output::{Output, one_line};

const NAME: &str = "commands";

/// Where commands wait: all directories are sent from, the first one that can be written is kept in.
#[derive(Debug, Clone)]
pub struct Queue {
    directories: Vec<PathBuf>,
}

/// What sending the queue led to.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// How many the server took.
    pub sent: usize,
    /// What it refused; kept in a file, never sent again.
    pub refused: Vec<RefusedCommand>,
}

/// A queued command that the server refused.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct RefusedCommand {
    /// The command, in a few words.
    pub command: String,
    /// Why.
    pub why: String,
    /// The file in which it is kept.
    pub kept_in: PathBuf,
}

impl Queue {
    /// In these directories, which need not be there.
    pub fn at(directories: impl IntoIterator<Item = PathBuf>) -> Self {
        Queue { directories: directories.into_iter().collect() }
    }

    /// Keeps a command; it is on disk when this returns, without what looks like a secret.
    pub fn append(&self, envelope: &Envelope) -> Result<(), Failure> {
        let mut envelope = serde_json::to_value(envelope).expect("a command is plain data");
        intake::secrets::remove_from_json(&mut envelope);
        let payload = serde_json::to_vec(&envelope).expect("a command is plain data");
        let mut last = None;
        for directory in &self.directories {
            match opened(directory).and_then(|mut spool| spool.append(&payload)) {
                Ok(_) => return Ok(()),
                Err(error) => last = Some(error),
            }
        }
        let why = last.map(|error| chain(&error)).unwrap_or_default();
        Err(Failure::environment("queue", "The server is away, and the command can't be kept on disk either.")
            .why(why)
            .hint("Nothing was recorded. Make room or name a writable directory with XDG_STATE_HOME, then say it again."))
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> Result<bool, Failure> {
        for spool in self.spools() {
            if !open(spool)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many commands wait.
    pub fn waiting(&self) -> Result<usize, Failure> {
        self.spools().map(|spool| Ok(pending(spool)?.len())).sum()
    }

    /// Files with parts of the queue that could not be read any more.
    pub fn damaged(&self) -> Vec<PathBuf> {
        let files = self.directories.iter().filter_map(|directory| directory.read_dir().ok()).flatten();
        let is_damaged = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with(&format!("{NAME}.damaged-"))
        };
        files.filter_map(|file| Some(file.ok()?.path())).filter(is_damaged).collect()
    }

    /// Sends what waits, oldest first. Stops when the server can't take any; what is left stays.
    pub fn send(&self, client: &Client) -> Result<Sent, Failure> {
        let mut told = Sent::default();
        for directory in self.spools() {
            // The spool is not held over the network: ids make a second sender harmless.
            for (payload, upto) in pending(directory)? {
                match deliver(client, &payload) {
                    Ok(()) => told.sent += 1,
                    Err(Trouble::Away(failure)) => return Err(failure),
                    // A token that is no good now may be mended; the command is.
                    Err(Trouble::Answered(failure)) if matches!(failure.problem.status, 401 | 403 | 429) => {
                        return Err(failure);
                    }
                    Err(Trouble::Answered(failure)) => {
                        told.refused.push(set_aside(directory, &payload, &failure)?)
                    }
                }
                open(directory)?.acknowledge(upto).map_err(|error| unusable(&error))?;
            }
        }
        Ok(told)
    }

    fn spools(&self) -> impl Iterator<Item = &Path> {
        let is_there = |directory: &&PathBuf| directory.join(format!("{NAME}.spool")).exists();
        self.directories.iter().filter(is_there).map(PathBuf::as_path)
    }
}

impl Sent {
    /// Tells what was sent besides the answer of the verb at hand.
    pub fn tell(&self, out: Output) {
        if self.sent > 0 {
            out.remark(&format!(
                "sent {} queued command{}",
                self.sent,
                if self.sent == 1 { "" } else { "s" }
            ));
        }
        for refused in &self.refused {
            out.remark(&format!(
                "A queued command was refused: {}\n  why: {}\n  kept in {}; say it again as it should be",
                refused.command,
                refused.why,
                refused.kept_in.display()
            ));
        }
    }
}

fn open(directory: &Path) -> Result<Spool, Failure> {
    opened(directory).map_err(|error| unusable(&error))
}

/// Opens a spool; what was damaged is told by whoever opens it first, whatever they came for.
fn opened(directory: &Path) -> Result<Spool, spool::Error> {
    let spool = Spool::open(directory, NAME)?;
    for damage in spool.damage() {
        let _ = writeln!(anstream::stderr(), "The queue of commands was damaged: {damage}");
    }
    Ok(spool)
}

fn pending(directory: &Path) -> Result<Vec<(Vec<u8>, Mark)>, Failure> {
    let spool = open(directory)?;
    let entries = spool.pending().map_err(|error| unusable(&error))?;
    entries
        .map(|entry| entry.map(|entry| (entry.payload, entry.upto)).map_err(|error| unusable(&error)))
        .collect()
}

fn deliver(client: &Client, payload: &[u8]) -> Result<(), Trouble> {
    let envelope: serde_json::Value = serde_json::from_slice(payload).map_err(|error| {
        Trouble::Answered(Failure::refused("unreadable", "It is no command of this version.").why(error))
    })?;
    client.post::<api::Done>("/api/v1/commands", &envelope).map(drop)
}

fn set_aside(directory: &Path, payload: &[u8], failure: &Failure) -> Result<RefusedCommand, Failure> {
    let kept_in = directory.join("refused.ndjson");
    let mut line = payload.to_vec();
    line.push(b'\n');
    let mut options = OpenOptions::new();
    let written = options.create(true).append(true).mode(0o600).open(&kept_in).and_then(|mut file| {
        file.write_all(&line)?;
        file.sync_all()
    });
    written.map_err(|error| {
        Failure::environment("queue", "A refused command can't be kept.").why(error).hint("It stays queued.")
    })?;
    Ok(RefusedCommand { command: in_words(payload), why: failure.problem.title.clone(), kept_in })
}

fn in_words(payload: &[u8]) -> String {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(payload) else {
        return one_line(&String::from_utf8_lossy(payload), 120);
    };
    let (verb, text) = match &envelope.command {
        Command::Declare { title, .. } => ("declare", title),
        Command::Did { text, .. } => ("did", text),
        Command::Note { text, .. } => ("note", text),
        Command::Why { text, .. } => ("why", text),
        _ => return one_line(&String::from_utf8_lossy(payload), 120),
    };
    format!("{verb} {}", one_line(text, 120))
}

fn unusable(error: &spool::Error) -> Failure {
    Failure::environment("queue", "The queue of commands can't be used.")
        .why(chain(error))
        .hint("Commands in it are still there; `deadstick doctor` looks further.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Target;

    fn envelope(text: &str) -> Envelope {
        let command = Command::Note { text: text.into(), incident: None, at: None };
        Envelope { id: crate::environment::fresh_id(), given_at: None, seen_version: None, command }
    }

    #[test]
    fn what_can_not_be_sent_stays() {
        let directory = tempfile::tempdir().unwrap();
        let queue = Queue::at([directory.path().join("queue")]);
        assert!(queue.is_empty().unwrap());
        queue.append(&envelope("one")).unwrap();
        queue.append(&envelope("two")).unwrap();
        // Nobody listens on port 1.
        let nobody = Client::new(Target { url: "http://127.0.0.1:1".into(), token: None }, None).unwrap();
        assert_eq!(queue.send(&nobody).unwrap_err().exit_status(), 4);
        assert_eq!(queue.waiting().unwrap(), 2);
    }

    #[test]
    fn a_secret_does_not_touch_the_disk() {
        let directory = tempfile::tempdir().unwrap();
        let queue = Queue::at([directory.path().join("queue")]);
        queue.append(&envelope("logged in with password=hunter2 on quay-3")).unwrap();
        let kept = std::fs::read(directory.path().join("queue/commands.spool")).unwrap();
        let kept = String::from_utf8_lossy(&kept);
        assert!(kept.contains("on quay-3") && !kept.contains("hunter2"), "{kept}");
    }

    #[test]
    fn what_is_torn_is_kept_and_found() {
        let directory = tempfile::tempdir().unwrap();
        let queue = Queue::at([directory.path().join("queue")]);
        queue.append(&envelope("one")).unwrap();
        queue.append(&envelope("two")).unwrap();
        assert_eq!(queue.damaged(), Vec::<PathBuf>::new());
        let file = directory.path().join("queue/commands.spool");
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(queue.waiting().unwrap(), 1);
        assert_eq!(queue.damaged().len(), 1);
    }

    #[test]
    fn the_first_writable_directory_is_used() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("file"), "").unwrap();
        let good = directory.path().join("good");
        let queue = Queue::at([directory.path().join("file/queue"), good.clone()]);
        queue.append(&envelope("one")).unwrap();
        assert!(good.join("commands.spool").exists());
    }
}
