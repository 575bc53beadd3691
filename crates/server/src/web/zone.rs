//! Times as people read them: absolute, with date and zone.

use std::fmt;

use askama::filters::HtmlSafe;
use fact::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

/// The cookie that names the reader's zone.
pub(crate) const COOKIE: &str = "zone";

/// The zone in which a reader wants times told; UTC unless chosen otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    name: String,
    zone: TimeZone,
}

impl Default for Zone {
    fn default() -> Self {
        Zone { name: "UTC".into(), zone: TimeZone::UTC }
    }
}

/// A `<time>` element; holds nothing that needs escaping.
pub(crate) struct TimeTag {
    at: Timestamp,
    shown: String,
}

impl fmt::Display for TimeTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<time datetime=\"{}\">{}</time>", self.at, self.shown)
    }
}

impl HtmlSafe for TimeTag {}

impl Zone {
    /// The zone of that IANA name; UTC if there is none.
    pub(crate) fn named(name: &str) -> Self {
        let known =
            name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b));
        match known.then(|| TimeZone::get(name)) {
            Some(Ok(zone)) if name != "UTC" => {
                let name = zone.iana_name().unwrap_or(name).to_owned();
                Zone { name, zone }
            }
            _ => Self::default(),
        }
    }

    /// `Europe/Berlin`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn format(&self, at: &Timestamp, format: &str) -> String {
        at.to_jiff().to_zoned(self.zone.clone()).strftime(format).to_string()
    }

    fn tag(&self, at: &Timestamp, format: &str) -> TimeTag {
        TimeTag { at: *at, shown: self.format(at, format) }
    }

    /// `20 Feb 2026, 15:10 CET`.
    pub(crate) fn stamp(&self, at: &Timestamp) -> TimeTag {
        self.tag(at, "%-d %b %Y, %H:%M %Z")
    }

    /// `20 Feb 2026, 15:10:03 CET`.
    pub(crate) fn exact(&self, at: &Timestamp) -> TimeTag {
        self.tag(at, "%-d %b %Y, %H:%M:%S %Z")
    }

    /// `20 Feb 2026, 15:10:03 CET`, where no element can stand.
    pub(crate) fn exact_text(&self, at: &Timestamp) -> String {
        self.format(at, "%-d %b %Y, %H:%M:%S %Z")
    }

    /// `15:10:03`.
    pub(crate) fn clock(&self, at: &Timestamp) -> String {
        self.format(at, "%H:%M:%S")
    }

    /// `20 Feb`.
    pub(crate) fn date(&self, at: &Timestamp) -> String {
        self.format(at, "%-d %b")
    }

    /// `CET`.
    pub(crate) fn abbreviation(&self, at: &Timestamp) -> String {
        self.format(at, "%Z")
    }

    /// `Friday 20 February 2026`.
    pub(crate) fn day(&self, at: &Timestamp) -> String {
        self.format(at, "%A %-d %B %Y")
    }

    /// Reads a time as a person types it: RFC 3339, `2026-02-20 15:10`, or `15:10` (the last one
    /// that there was).
    pub(crate) fn read(&self, text: &str, now: Timestamp) -> Option<Timestamp> {
        let text = text.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(at);
        }
        let civil = match text.replacen(' ', "T", 1).parse::<civil::DateTime>() {
            Ok(civil) if text.len() > 10 => civil,
            _ => {
                let time: civil::Time = text.parse().ok()?;
                let today = now.to_jiff().to_zoned(self.zone.clone()).datetime();
                let civil = today.date().to_datetime(time);
                if civil > today { civil.yesterday().ok()? } else { civil }
            }
        };
        Some(self.zone.to_zoned(civil).ok()?.timestamp().into())
    }
}

/// `1:05:09`, or `3 d 1:05:09` from a day on.
pub(crate) fn elapsed(from: Timestamp, until: Timestamp) -> String {
    let seconds = until.since(from).as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let clock = format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60);
    if days == 0 { clock } else { format!("{days} d {clock}") }
}

/// A stretch in words: `3 min`, `2 h 5 min`, `4 d`.
pub(crate) fn stretch(micros: i64) -> String {
    let seconds = micros.unsigned_abs() / 1_000_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 if (seconds / 60).is_multiple_of(60) => format!("{} h", seconds / 3_600),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_as_people_type_them() {
        let zone = Zone::named("Europe/Berlin");
        let now: Timestamp = "2026-02-20T15:10:00Z".parse().unwrap();
        let check = |text: &str, expected: Option<&str>| {
            let read = zone.read(text, now).map(|at| at.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        };
        check("2026-02-20T14:00:00Z", Some("2026-02-20T14:00:00.000000Z"));
        check("2026-02-20T14:00", Some("2026-02-20T13:00:00.000000Z"));
        check("2026-02-20 14:00", Some("2026-02-20T13:00:00.000000Z"));
        check("16:09", Some("2026-02-20T15:09:00.000000Z"));
        check("17:00", Some("2026-02-19T16:00:00.000000Z"));
        check("2026-02-20", None);
        check("soon", None);
        check("", None);
    }

    #[test]
    fn an_unknown_zone_is_utc() {
        assert_eq!(Zone::named("Europe/Berlin").name(), "Europe/Berlin");
        for name in ["", "Mars/Olympus", "../../etc/passwd", "<script>"] {
            assert_eq!(Zone::named(name).name(), "UTC", "{name}");
        }
    }

    #[test]
    fn tells_how_long() {
        let from = Timestamp::from_secs(0);
        assert_eq!(elapsed(from, Timestamp::from_secs(3_909)), "1:05:09");
        assert_eq!(elapsed(from, Timestamp::from_secs(263_109)), "3 d 1:05:09");
        assert_eq!(elapsed(Timestamp::from_secs(9), from), "0:00:00");
        let words = [59, 60, 7_200, 7_500, 200_000].map(|s: i64| stretch(s * 1_000_000));
        assert_eq!(words, ["59 s", "1 min", "2 h", "2 h 5 min", "2 d"]);
    }
}
