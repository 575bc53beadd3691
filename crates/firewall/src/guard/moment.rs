//! Time that goes on while the machine sleeps, the boot, and which process is which.

use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// Nanoseconds since the boot, sleep included: what people wait by, and no clock that somebody sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment(pub u64);

impl Moment {
    /// Now.
    pub fn now() -> Self {
        let time = clock_gettime(ClockId::CLOCK_BOOTTIME).expect("Linux has this clock since 2.6.39");
        let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
        Self(seconds * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap_or_default())
    }

    /// So many seconds later.
    #[must_use]
    pub fn plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000_000)))
    }

    /// How many seconds from now, rounded up; 0 if it is over.
    pub fn seconds_left(self) -> u64 {
        self.0.saturating_sub(Self::now().0).div_ceil(1_000_000_000)
    }

    /// Is it over?
    pub fn is_over(self) -> bool {
        self <= Self::now()
    }
}

/// The id of this boot; empty where /proc isn't mounted.
pub fn boot() -> String {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    text.unwrap_or_default().trim().to_owned()
}

/// A process; ids are used anew, together with the start they are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// When it began, in clock ticks since the boot.
    pub started: u64,
}

impl Process {
    /// This one.
    pub fn own() -> Self {
        Self::of(std::process::id()).unwrap_or_default()
    }

    /// The one that has this id now.
    pub fn of(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses may hold anything, parentheses too; state is the first field after it, start the 20th.
        let after = stat.rsplit_once(')')?.1;
        let mut fields = after.split_whitespace();
        let state = fields.next()?;
        let started = fields.nth(18)?.parse().ok()?;
        (state != "Z" && state != "X").then_some(Self { pid, started })
    }

    /// Does it still run?
    pub fn is_alive(self) -> bool {
        Self::of(self.pid) == Some(self)
    }

    /// When it began; the kernel tells hundredths of a second.
    pub fn began(self) -> Moment {
        // USER_HZ is 100 on every architecture that we build for.
        Moment(self.started.saturating_mul(10_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_start() {
        let own = Process::own();
        assert!(own.is_alive());
        assert!(!Process { started: own.started + 1, ..own }.is_alive());
        assert!(own.began() <= Moment::now());
        let child = std::process::Command::new("true").spawn();
        let mut child = child.unwrap();
        child.wait().unwrap();
        assert_eq!(Process::of(child.id()), None);
    }

    #[test]
    fn time_goes_on() {
        let begin = Moment::now();
        assert!(begin.is_over());
        assert_eq!(begin.seconds_left(), 0);
        let later = begin.plus_seconds(1_000);
        assert!(!later.is_over());
        assert!((1..=1_000).contains(&later.seconds_left()));
        assert_eq!(boot().len(), 36);
    }
}
