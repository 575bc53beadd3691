//! What every verb has at hand: the options of all verbs, and where things are kept.

use std::path::{Path, PathBuf};

use super::{Globals, Output};

/// Where the journal and a pending change are kept unless told.
const STATE: &str = "/var/lib/deadstick-fw";

/// What every verb has at hand.
#[derive(Debug)]
pub struct Session {
    /// Options of all verbs.
    pub globals: Globals,
    /// Prints answers.
    pub out: Output,
}

impl Session {
    /// With these options.
    pub fn new(globals: Globals) -> Self {
        let out = Output { json: globals.json };
        Self { globals, out }
    }

    /// Are rules read from the kernel (and not from files)?
    pub fn is_live(&self) -> bool {
        self.globals.from.is_none() && self.globals.from6.is_none()
    }

    /// Where the journal and a pending change of this network namespace are kept. Nothing is made.
    pub fn state_dir(&self) -> PathBuf {
        if let Some(folder) = &self.globals.state_dir {
            return folder.clone();
        }
        match (namespace("self"), namespace("1")) {
            (Some(own), Some(first)) if own != first => Path::new(STATE).join(format!("netns-{}", own.1)),
            _ => PathBuf::from(STATE),
        }
    }
}

/// Device and inode of a process's network namespace.
fn namespace(process: &str) -> Option<(u64, u64)> {
    let status = nix::sys::stat::stat(format!("/proc/{process}/ns/net").as_str()).ok()?;
    Some((status.st_dev, status.st_ino))
}
