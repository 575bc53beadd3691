//! A process that ends when the one that began it has ended, even by kill -9.
//!
//! The parent keeps one end of a pipe, which the kernel closes with it; the child waits for that at the other end.

use std::fs::File;
use std::io::{self, PipeWriter, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::{Child, Command};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};

/// Name of the variable in which a child is told its descriptor.
const VARIABLE: &str = "DEADSTICK_FW_LIFELINE";

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
    let child = command.env(VARIABLE, reader.as_raw_fd().to_string()).spawn()?;
    Ok(Tied { child, _line: line })
}

/// In the child: from now on this process ends with its parent. Starts a thread, so only after whatever needs to be alone.
pub fn watch() {
    let Some(descriptor) = std::env::var(VARIABLE).ok().and_then(|text| text.parse::<u32>().ok()) else {
        return;
    };
    let Ok(mut line) = File::open(format!("/proc/self/fd/{descriptor}")) else { std::process::exit(1) };
    std::thread::spawn(move || {
        let mut byte = [0];
        // Nothing is ever written: an answer of any kind is the end.
        let _ = line.read(&mut byte);
        std::process::exit(1);
    });
}
