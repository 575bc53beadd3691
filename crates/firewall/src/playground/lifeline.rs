//! A process that ends when the one that began it has ended, even by kill -9.
//!
//! The parent keeps one end of a pipe, which the kernel closes with it; the child waits for that at the other end.

use std::fs::File;
use std::io::{self, PipeWriter, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::{Child, Command};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};

/// Name of the variable in which a process is told its descriptors: its parent's, and those of the parent's parents.
const VARIABLE: &str = "DEADSTICK_FW_LIFELINES";

/// A child with its lifeline.
pub struct Tied {
    /// The child.
    pub child: Child,
    _line: PipeWriter,
}

/// Begins a child that ends with this process.
pub fn spawn(command: &mut Command) -> io::Result<Tied> {
    let (reader, line) = io::pipe()?;
    let reader = OwnedFd::from(reader);
    fcntl(&reader, FcntlArg::F_SETFD(FdFlag::empty()))?;
    let inherited = std::env::var(VARIABLE).unwrap_or_default();
    let child = command.env(VARIABLE, format!("{inherited} {}", reader.as_raw_fd())).spawn()?;
    Ok(Tied { child, _line: line })
}

/// From now on this process ends with the one that began it, and with those before. Starts threads.
pub fn watch() {
    let descriptors = std::env::var(VARIABLE).unwrap_or_default();
    for descriptor in descriptors.split_whitespace() {
        let Ok(mut line) = File::open(format!("/proc/self/fd/{descriptor}")) else { std::process::exit(1) };
        std::thread::spawn(move || {
            let mut byte = [0];
            // Nothing is ever written: an answer of any kind is the end.
            let _ = line.read(&mut byte);
            std::process::exit(1);
        });
    }
}
