//! What every verb has at hand: the options of all verbs, and where things are kept.

use std::path::{Path, PathBuf};

use ruleset::Ruleset;

use super::{Failure, Globals, Output, dump};
use crate::guard::Site;
use crate::journal::Journal;
use crate::live::{self, Snapshot, Want, namespace_of};
use crate::view::printable;

/// Where the journal and a pending change are kept unless told.
const STATE: &str = "/var/lib/deadstick-fw";
/// Where the journal goes when the disk is full or read-only.
const RUN: &str = "/run/deadstick-fw";

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

    /// The rules, from files or from the kernel, and what else is wanted; of files there is nothing else.
    pub fn snapshot(&self, want: Want) -> Result<Snapshot, Failure> {
        if !self.is_live() {
            if self.globals.from.is_none() && self.globals.sets.is_some() {
                self.out.remark("--sets is only used with --from or --from6.");
            }
            return Ok(Snapshot { ruleset: dump::read(&self.globals)?, ..Snapshot::default() });
        }
        live::snapshot(want).map_err(|error| unreadable(&error))
    }

    /// Tells on stderr what of the rules could not be read or understood.
    pub fn tell_notes(&self, ruleset: &Ruleset) {
        for note in &ruleset.notes {
            self.out.remark(&format!("note: {}: {}", printable(&note.place), printable(&note.text)));
        }
    }

    /// The journal of this network namespace.
    pub fn journal(&self) -> Journal {
        let state = self.state_dir();
        Journal::new(&state, &fallback(&state))
    }

    /// Changes of this network namespace that can still go back by themselves.
    pub fn changes(&self) -> Site {
        let state = self.state_dir();
        Site::new(&state, &fallback(&state))
    }

    /// Where the journal and a pending change of this network namespace are kept. Nothing is made.
    pub fn state_dir(&self) -> PathBuf {
        if let Some(folder) = &self.globals.state_dir {
            return folder.clone();
        }
        match (namespace_of("thread-self"), namespace_of("1")) {
            (Some(own), Some(first)) if own != first => Path::new(STATE).join(format!("netns-{}", own.1)),
            _ => PathBuf::from(STATE),
        }
    }
}

/// Where things go that can't be written in the state folder.
fn fallback(state: &Path) -> PathBuf {
    let name = state.to_string_lossy().trim_matches('/').replace('/', "-");
    Path::new(RUN).join(name)
}

fn unreadable(error: &dyn std::error::Error) -> Failure {
    let failure = Failure::new("unreadable", "The firewall can't be read.").because(error);
    match nix::unistd::geteuid().is_root() {
        true => failure,
        false => failure.hint("run it as root: the kernel shows its rules to nobody else"),
    }
}
