//! Starts the guard and waits until it says that it is armed.

use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use uuid::Uuid;

use super::Site;
use crate::live::namespace_of;

/// What the guard says.
pub(super) const ARMED: &str = "armed\n";
/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A guard that is armed. It notices when this is dropped, in whatever way this process ends.
#[derive(Debug)]
pub(super) struct Armed {
    #[expect(dead_code, reason = "the guard waits for its end")]
    line: UnixStream,
}

/// Starts a guard for this record.
pub(super) fn arm(site: &Site, id: Uuid) -> io::Result<Armed> {
    // In the namespace of the first process its service manager is the safest place: no end of a session reaches it.
    // From any other namespace it is the wrong one: the service would run in that of the first process.
    if is_hosts_own() && Path::new("/run/systemd/system").exists() {
        let program = std::fs::read_link(&site.program).unwrap_or_else(|_| site.program.clone());
        let mut service = Command::new("systemd-run");
        service.args(service_arguments(id)).arg(program).args(arguments(site, id));
        if let Ok(armed) = start(service) {
            return Ok(armed);
        }
    }
    let mut detached = Command::new(&site.program);
    detached.args(arguments(site, id));
    start(detached)
}

/// Are network and files those of the first process?
fn is_hosts_own() -> bool {
    let mounts = |process: &str| std::fs::read_link(format!("/proc/{process}/ns/mnt")).ok();
    namespace_of("1").is_some_and(|first| namespace_of("thread-self") == Some(first))
        && mounts("1").is_some_and(|first| mounts("thread-self") == Some(first))
}

/// A service of the system's manager, not of the user's, which ends with the session.
fn service_arguments(id: Uuid) -> Vec<String> {
    let unit = format!("--unit=deadstick-fw-guard-{id}");
    let words = [
        "--system",
        "--quiet",
        "--collect",
        "--pipe",
        "--service-type=exec",
        "--property=OOMScoreAdjust=-900",
    ];
    words.iter().map(|word| (*word).to_owned()).chain([unit, "--".to_owned()]).collect()
}

fn arguments(site: &Site, id: Uuid) -> [String; 4] {
    let folder = site.folder.to_string_lossy().into_owned();
    ["--state-dir".to_owned(), folder, "guard".to_owned(), id.to_string()]
}

fn start(mut command: Command) -> io::Result<Armed> {
    let (mut ours, theirs) = UnixStream::pair()?;
    let mut child = command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // The command holds the other end too: without it, the end of the guard would not be seen.
    drop(command);
    ours.set_read_timeout(Some(PATIENCE))?;
    let mut said = Vec::new();
    let mut buffer = [0; 512];
    while !said.ends_with(b"\n") {
        match ours.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => said.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let _ = child.kill();
                return Err(error);
            }
        }
    }
    if said == ARMED.as_bytes() {
        return Ok(Armed { line: ours });
    }
    let _ = child.kill();
    let _ = child.wait();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    Err(io::Error::other(if said.is_empty() {
        "the guard ended before it was armed".to_owned()
    } else {
        said
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_is_a_service_of_the_system() {
        let words = service_arguments(Uuid::from_u128(7)).join(" ");
        assert_eq!(
            words,
            "--system --quiet --collect --pipe --service-type=exec --property=OOMScoreAdjust=-900 \
             --unit=deadstick-fw-guard-00000000-0000-0000-0000-000000000007 --"
        );
        let site = Site::new(Path::new("/state"), Path::new("/run/state"));
        assert_eq!(
            arguments(&site, Uuid::from_u128(7)).join(" "),
            "--state-dir /state guard 00000000-0000-0000-0000-000000000007"
        );
    }

    #[test]
    fn a_guard_that_is_none_is_not_waited_for() {
        let site = tempfile::tempdir().unwrap();
        for program in ["/bin/true", "/nonexistent"] {
            let site = Site::new(site.path(), site.path()).guarded_by(Path::new(program));
            assert!(arm(&site, Uuid::nil()).is_err(), "{program}");
        }
    }
}
