//! The lock of the legacy tables, which every careful program holds while it changes them.

use std::fs::File;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::apply::error::ApplyError;

/// Where it is.
const PATH: &str = "/run/xtables.lock";
/// How long another program may hold it.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often we look.
const PAUSE: Duration = Duration::from_millis(10);

/// Held while it lives; also gone when this process ends in whatever way.
#[derive(Debug)]
pub(super) struct Lock {
    #[expect(dead_code, reason = "it is held, not read")]
    held: Flock<File>,
}

impl Lock {
    /// Waits for it, but not for ever.
    pub fn take() -> Result<Self, ApplyError> {
        let failed = |source| ApplyError::Lock { path: PATH.to_owned(), source };
        let options = File::options().read(true).write(true).create(true).truncate(false).open(PATH);
        let mut file = options.map_err(failed)?;
        let begin = Instant::now();
        loop {
            file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(held) => return Ok(Self { held }),
                Err((file, Errno::EWOULDBLOCK | Errno::EINTR)) => file,
                Err((_, errno)) => return Err(failed(errno.into())),
            };
            if begin.elapsed() > PATIENCE {
                return Err(ApplyError::Locked { path: PATH.to_owned(), seconds: PATIENCE.as_secs() });
            }
            std::thread::sleep(PAUSE);
        }
    }
}
