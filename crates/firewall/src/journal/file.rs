//! Adding a line to a file so that it is there after a crash, and whole.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};

/// Adds a line and syncs it. What a crash left of an earlier last line is moved into a file of its own, which is the answer.
pub fn append(path: &Path, line: &str) -> io::Result<Option<PathBuf>> {
    let (mut file, is_new) = locked(path)?;
    let torn = set_aside(path, &mut file)?;
    let end = file.seek(SeekFrom::End(0))?;
    let written = file.write_all(format!("{line}\n").as_bytes()).and_then(|()| file.sync_data());
    if let Err(error) = written {
        // A half line must not be what the next one is glued to; if even this fails, the next writer finds it torn.
        let _ = file.set_len(end);
        return Err(error);
    }
    if is_new {
        sync_folder(path)?;
    }
    Ok(torn)
}

/// Moves the lines of one journal to the end of another, if there are any.
pub fn adopted(from: &Path, to: &Path) -> io::Result<()> {
    let Ok(lines) = fs::read_to_string(from) else { return Ok(()) };
    for line in lines.lines() {
        append(to, line)?;
    }
    fs::remove_file(from)
}

fn locked(path: &Path) -> io::Result<(Flock<File>, bool)> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let is_new = !path.exists();
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    let file = options.custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_CLOEXEC).open(path)?;
    let file = Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, errno)| io::Error::from(errno))?;
    Ok((file, is_new))
}

/// Whoever has the lock sees a file that ends with a line feed, or one whose last writer was killed.
fn set_aside(path: &Path, file: &mut File) -> io::Result<Option<PathBuf>> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut last = [0];
    if end == 0 || (file.read_at(&mut last, end - 1)? == 1 && last == *b"\n") {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if serde_json::from_slice::<serde_json::Value>(&bytes[whole..]).is_ok() {
        // Only its line feed is missing.
        file.write_all(b"\n")?;
        return Ok(None);
    }
    let aside = free_name(path);
    let mut copy = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    copy.write_all(&bytes[whole..])?;
    copy.sync_all()?;
    file.set_len(u64::try_from(whole).unwrap_or(end))?;
    Ok(Some(aside))
}

fn free_name(path: &Path) -> PathBuf {
    let mut number = 1_u64;
    loop {
        let name = path.with_file_name(format!("journal.torn-{number}"));
        if !name.exists() {
            return name;
        }
        number += 1;
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
