//! Times for people.

use fact::Timestamp;
use jiff::tz::TimeZone;

/// In the zone of this machine, to the second, with its name: `2026-02-20 15:10:00 CET`.
pub fn local_time(at: Timestamp) -> String {
    in_zone(at, TimeZone::system())
}

fn in_zone(at: Timestamp, zone: TimeZone) -> String {
    let moment = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or_default();
    moment.to_zoned(zone).strftime("%F %T %Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_says_its_zone() {
        assert_eq!(in_zone(Timestamp::from_secs(1_771_600_200), TimeZone::UTC), "2026-02-20 15:10:00 UTC");
    }
}
