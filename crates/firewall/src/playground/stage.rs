//! Into the playground: a process with namespaces of its own, and in it the first process of a new world.

use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getgid, getuid};

use super::error::PlaygroundError;
use super::lifeline;

/// Runs `arguments` of this program as the first process of fresh namespaces, and waits for its end.
///
/// This process must have a single thread, and can't start one afterwards; it gives up its own namespaces, so it can't do this twice.
pub fn enter(arguments: &[String]) -> Result<ExitStatus, PlaygroundError> {
    let spaces = CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    let (user, group) = (getuid(), getgid());
    if user.is_root() {
        unshare(spaces).map_err(PlaygroundError::Namespaces)?;
    } else {
        unshare(spaces | CloneFlags::CLONE_NEWUSER).map_err(PlaygroundError::Namespaces)?;
        let write = |name: &str, text: String| {
            std::fs::write(Path::new("/proc/self").join(name), text)
                .map_err(|error| PlaygroundError::Private(format!("/proc/self/{name}"), error))
        };
        write("setgroups", "deny".to_owned())?;
        write("uid_map", format!("0 {user} 1"))?;
        write("gid_map", format!("0 {group} 1"))?;
    }
    let mut inner = lifeline::spawn(myself()?.args(arguments))
        .map_err(|error| PlaygroundError::Io("can't start the playground's first process", error))?;
    inner.child.wait().map_err(|error| PlaygroundError::Io("lost the playground's first process", error))
}

/// This program, to be run again.
pub fn myself() -> Result<Command, PlaygroundError> {
    let path = std::env::current_exe()
        .map_err(|error| PlaygroundError::Io("can't find this program's own file", error))?;
    let mut command = Command::new(path);
    command.stdin(Stdio::inherit());
    Ok(command)
}
