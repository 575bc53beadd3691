//! The guard itself: waits for a confirmation, and takes the change back if none comes.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::{Pid, setsid};
use uuid::Uuid;

use super::Site;
use super::arm::ARMED;
use super::finish::{is_ours, take_back};
use super::record::{Record, State};
use super::store::Held;

/// How long the tool may hold the lock after the deadline before it is ended.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it is waited before what could not be taken back is tried again.
const AGAIN: Duration = Duration::from_millis(500);

/// Why a guard does not guard.
#[derive(Debug, thiserror::Error)]
pub enum GuardingError {
    /// There is nothing to guard.
    #[error("there is no open change {0}")]
    Unknown(Uuid),
    /// It belongs to another network namespace or boot.
    #[error("the change {0} belongs to another network namespace or boot")]
    Elsewhere(Uuid),
    /// Another guard is there already.
    #[error("the change {0} is guarded already")]
    Guarded(Uuid),
    /// The folder can't be used.
    #[error("the records of changes can't be used")]
    Store(#[from] io::Error),
}

/// Guards a change until nothing has to be waited for any more. Whoever armed it is on stdin, and gone when that ends.
pub fn guard(site: &Site, id: Uuid) -> Result<(), GuardingError> {
    // It must not end with the session, its terminal or its process group, nor by their signals.
    let _ = setsid();
    let mut signals = SigSet::empty();
    for signal in
        [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGTSTP, Signal::SIGPIPE]
    {
        signals.add(signal);
    }
    let _ = signals.thread_block();
    let _ = std::fs::write("/proc/self/oom_score_adj", "-900");
    let mut line = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    match armed(site, id) {
        Ok(held) => {
            // Whoever armed us may have died meanwhile: then there is all the more to do.
            let _ = line.write_all(ARMED.as_bytes());
            watch(site, id, line);
            drop(held);
            Ok(())
        }
        Err(error) => {
            let _ = writeln!(line, "{error}");
            Err(error)
        }
    }
}

fn armed(site: &Site, id: Uuid) -> Result<Held, GuardingError> {
    let record = site.store.record(id).ok_or(GuardingError::Unknown(id))?;
    if !is_ours(&record) {
        return Err(GuardingError::Elsewhere(id));
    }
    site.store.guard(id)?.ok_or(GuardingError::Guarded(id))
}

fn watch(site: &Site, id: Uuid, line: UnixStream) {
    let mut line = Some(line);
    while let Some(record) = site.store.record(id) {
        if record.is_closed() {
            return;
        }
        if is_due(&record, line.is_none()) {
            if act(site, id, line.is_none()) {
                return;
            }
            std::thread::sleep(AGAIN);
            continue;
        }
        let left = record.deadline().map_or(u64::MAX, |deadline| deadline.seconds_left());
        let pause = Duration::from_millis(if left > 120 { 1_000 } else { 50 });
        if !is_there(&mut line, pause) {
            line = None;
        }
    }
}

/// Waits, or until whoever armed us is gone.
fn is_there(line: &mut Option<UnixStream>, pause: Duration) -> bool {
    let Some(stream) = line else {
        std::thread::sleep(pause);
        return false;
    };
    if stream.set_read_timeout(Some(pause)).is_err() {
        return false;
    }
    match stream.read(&mut [0; 16]) {
        Ok(length) => length > 0,
        Err(error) => matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
        ),
    }
}

/// Does it have to go back now?
fn is_due(record: &Record, is_tool_gone: bool) -> bool {
    let is_cut_off = record.state == State::Intent && (is_tool_gone || !record.tool.is_alive());
    is_cut_off || record.deadline().is_some_and(super::Moment::is_over)
}

/// Takes it back under the lock, if it still has to be; `false` if it has to be tried again.
fn act(site: &Site, id: Uuid, is_tool_gone: bool) -> bool {
    let begin = std::time::Instant::now();
    let held = loop {
        match site.store.try_hold() {
            Ok(Some(held)) => break Some(held),
            Ok(None) => {}
            // A folder that can't be written must not keep a closed way in closed.
            Err(_) => break None,
        }
        // The tool was stopped, or hangs: it had its time.
        if let Some(record) = site.store.record(id)
            && begin.elapsed() > PATIENCE
            && record.state == State::Intent
            && record.tool.is_alive()
            && let Ok(pid) = i32::try_from(record.tool.pid)
        {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let Some(record) = site.store.record(id) else { return true };
    if record.is_closed() || !is_due(&record, is_tool_gone) {
        return record.is_closed();
    }
    let is_taken = take_back(site, record).is_ok();
    drop(held);
    is_taken
}
