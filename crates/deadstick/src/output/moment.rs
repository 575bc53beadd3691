//! Times for people: absolute with their zone; relative as an extra.

use fact::Timestamp;
use jiff::Zoned;
use jiff::tz::TimeZone;

/// Writes times as seen from one moment in one zone.
#[derive(Debug, Clone)]
pub struct Moments {
    now: Zoned,
}

impl Moments {
    /// As seen from `now`.
    pub fn new(now: Zoned) -> Self {
        Moments { now }
    }

    /// `2026-02-20 15:10:00 CET`.
    pub fn full(&self, at: Timestamp) -> String {
        self.zoned(at).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
    }

    /// `15:10:00`, for tables whose heading tells date and zone.
    pub fn clock(&self, at: Timestamp) -> String {
        self.zoned(at).strftime("%H:%M:%S").to_string()
    }

    /// `2026-02-20`.
    pub fn date(&self, at: Timestamp) -> String {
        self.zoned(at).strftime("%Y-%m-%d").to_string()
    }

    /// `2026-02-20 15:10`, without zone.
    pub fn minute(&self, at: Timestamp) -> String {
        self.zoned(at).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The zone then: `CET`.
    pub fn zone_at(&self, at: Timestamp) -> String {
        self.zoned(at).strftime("%Z").to_string()
    }

    /// The zone's abbreviation now: `CET`.
    pub fn zone(&self) -> String {
        self.now.strftime("%Z").to_string()
    }

    /// `12 min ago`, `in 3 h 5 min`.
    pub fn relative(&self, at: Timestamp) -> String {
        let now = Timestamp::from(self.now.timestamp());
        if at > now { format!("in {}", elapsed(at, now)) } else { format!("{} ago", elapsed(now, at)) }
    }

    fn zoned(&self, at: Timestamp) -> Zoned {
        let zone: TimeZone = self.now.time_zone().clone();
        at.to_jiff().to_zoned(zone)
    }
}

/// `3 h 5 min` between two times.
pub fn elapsed(later: Timestamp, earlier: Timestamp) -> String {
    let seconds = later.since(earlier).as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_absolute_with_their_zone() {
        let moments = Moments::new("2026-02-20T16:30:00+01:00[Europe/Vienna]".parse().unwrap());
        let at: Timestamp = "2026-02-20T15:10:00Z".parse().unwrap();
        assert_eq!(moments.full(at), "2026-02-20 16:10:00 CET");
        assert_eq!(moments.relative(at), "20 min ago");
        assert_eq!(moments.relative(at.plus_minutes(205)), "in 3 h 5 min");
        let summer: Timestamp = "2026-07-20T15:10:00Z".parse().unwrap();
        assert_eq!(moments.full(summer), "2026-07-20 17:10:00 CEST");
    }

    #[test]
    fn elapsed_times_are_short() {
        let zero = Timestamp::from_secs(0);
        let told = [5, 65, 3_700, 90_000].map(|seconds| elapsed(Timestamp::from_secs(seconds), zero));
        assert_eq!(told, ["5 s", "1 min", "1 h 1 min", "1 d 1 h"]);
    }
}
