//! Files that are on disk when a function returns.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::Error;

/// Creates a folder for its owner only, with its parents.
pub fn make_folder(dir: &Path) -> Result<(), Error> {
    if dir.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(Error::io("create", dir))?;
    sync_folder(dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

/// Makes the names in a folder durable.
pub fn sync_folder(dir: &Path) -> Result<(), Error> {
    File::open(dir).and_then(|folder| folder.sync_all()).map_err(Error::io("sync", dir))
}

/// Replaces a file as a whole: whoever looks sees the old bytes or the new ones, also after a crash.
pub fn replace(dir: &Path, path: &Path, parts: &[&[u8]]) -> Result<File, Error> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let written = || {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        parts.iter().try_for_each(|part| file.write_all(part))?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        Ok(file)
    };
    let file = written().map_err(|error| {
        // Best effort: on a full disk the half-written file is the first thing in the way.
        let _ = fs::remove_file(&new);
        Error::io("write", path)(error)
    })?;
    sync_folder(dir)?;
    Ok(file)
}
