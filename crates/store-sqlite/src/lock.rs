//! One server at a time: a lock on a file in the data directory.
//!
//! The kernel holds the lock, so it opens by itself when its holder dies, however it dies. The
//! number in the file only tells people who holds it.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// Held as long as it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Why the lock is not to be had.
#[derive(Debug)]
pub(crate) enum Locked {
    /// Somebody holds it: the process, if it left its number.
    By(Option<u32>),
    /// The file can't be opened or locked.
    Io(std::io::Error),
}

/// Takes the lock or says who has it.
pub(crate) fn lock(dir: &Path) -> Result<Lock, Locked> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(dir.join("lock"))
        .map_err(Locked::Io)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            return Err(Locked::By(text.trim().parse().ok()));
        }
        Err(error) => return Err(Locked::Io(error.into())),
    }
    // Only for people: a full disk must not keep a server from starting to read.
    let _ =
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(Lock { _file: file })
}
