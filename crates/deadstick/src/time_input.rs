//! Times as people type them: `15:04`, `10m ago`, `yesterday 15:04`, RFC 3339.

use fact::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::{Span, ToSpan, Zoned};

/// Which way a time without a date leans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lean {
    /// `15:04` is the last one that has been: for what happened.
    Past,
    /// `15:04` is the next one to come, `30m` is in 30 minutes: for what is due.
    Future,
}

/// Text that is not a time was given as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time")]
pub struct NotATime(pub String);

/// What to write instead.
pub const FORMS: &str = "write 15:04, 10m ago, yesterday 15:04, 2026-02-20 15:04 (local zone) or RFC 3339 such as 2026-02-20T15:04:00Z";

/// Reads a time; one without a zone is meant in the zone of `now`.
pub fn parse(text: &str, now: &Zoned, lean: Lean) -> Result<Timestamp, NotATime> {
    let trimmed = text.trim();
    read(trimmed, now, lean)
        .map(|zoned| Timestamp::from(zoned.timestamp()))
        .filter(|at| at.is_in_bounds())
        .ok_or_else(|| NotATime(text.chars().take(64).collect()))
}

fn read(text: &str, now: &Zoned, lean: Lean) -> Option<Zoned> {
    if text == "now" {
        return Some(now.clone());
    }
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.to_zoned(now.time_zone().clone()));
    }
    if let Some(time) = clock_time(text) {
        return near(time, now, lean);
    }
    let days = [("yesterday", -1), ("today", 0), ("tomorrow", 1)];
    for (word, days) in days {
        if let Some(rest) = text.strip_prefix(word) {
            let time = clock_time(rest.trim())?;
            let date = now.date().checked_add(days.days()).ok()?;
            return date.to_datetime(time).to_zoned(now.time_zone().clone()).ok();
        }
    }
    if let Some(civil) = date_and_time(text) {
        return civil.to_zoned(now.time_zone().clone()).ok();
    }
    let span: Span = text.strip_prefix("in ").unwrap_or(text).parse().ok()?;
    let has_direction = text.ends_with("ago") || text.starts_with("in ") || text.starts_with(['+', '-']);
    match (lean, has_direction) {
        (Lean::Past, false) => now.checked_sub(span).ok(),
        _ => now.checked_add(span).ok(),
    }
}

/// `15:04` or `15:04:05`.
fn clock_time(text: &str) -> Option<Time> {
    let number = |part: &str| {
        let is_number = matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| part.parse::<i8>().ok())?
    };
    let parts: Vec<_> = text.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (number(hour)?, number(minute)?, 0),
        [hour, minute, second] => (number(hour)?, number(minute)?, number(second)?),
        _ => return None,
    };
    Time::new(hour, minute, second, 0).ok()
}

fn date_and_time(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once(['T', ' '])?;
    let date = date.parse::<jiff::civil::Date>().ok()?;
    Some(date.to_datetime(clock_time(time.trim())?))
}

fn near(time: Time, now: &Zoned, lean: Lean) -> Option<Zoned> {
    let today = now.date().to_datetime(time).to_zoned(now.time_zone().clone()).ok()?;
    let days = match lean {
        Lean::Past if today > *now => -1,
        Lean::Future if today < *now => 1,
        _ => return Some(today),
    };
    let date = now.date().checked_add(days.days()).ok()?;
    date.to_datetime(time).to_zoned(now.time_zone().clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-02-20T00:10:00+01:00[Europe/Vienna]".parse().unwrap()
    }

    fn check(text: &str, lean: Lean, expected: &str) {
        let told = match parse(text, &now(), lean) {
            Ok(at) => at.to_jiff().to_string(),
            Err(refused) => refused.to_string(),
        };
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn what_happened_leans_to_the_past() {
        check("2026-02-20T15:10:00+02:00", Lean::Past, "2026-02-20T13:10:00Z");
        check("0:05", Lean::Past, "2026-02-19T23:05:00Z");
        check("23:50", Lean::Past, "2026-02-19T22:50:00Z");
        check("23:50:30", Lean::Past, "2026-02-19T22:50:30Z");
        check("10m ago", Lean::Past, "2026-02-19T23:00:00Z");
        check("10m", Lean::Past, "2026-02-19T23:00:00Z");
        check("1h 30m ago", Lean::Past, "2026-02-19T21:40:00Z");
        check("2 days ago", Lean::Past, "2026-02-17T23:10:00Z");
        check("yesterday 15:04", Lean::Past, "2026-02-19T14:04:00Z");
        check("2026-02-01 15:04", Lean::Past, "2026-02-01T14:04:00Z");
        check("2026-02-01T15:04", Lean::Past, "2026-02-01T14:04:00Z");
        check("now", Lean::Past, "2026-02-19T23:10:00Z");
    }

    #[test]
    fn what_is_due_leans_to_the_future() {
        check("30m", Lean::Future, "2026-02-19T23:40:00Z");
        check("in 30m", Lean::Future, "2026-02-19T23:40:00Z");
        check("0:05", Lean::Future, "2026-02-20T23:05:00Z");
        check("23:50", Lean::Future, "2026-02-20T22:50:00Z");
        check("tomorrow 9:00", Lean::Future, "2026-02-21T08:00:00Z");
    }

    #[test]
    fn summer_time_is_the_zones() {
        check("2026-07-01 12:00", Lean::Past, "2026-07-01T10:00:00Z");
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in
            ["", "soon", "25:00", "12:60", "yesterday", "1:2:3:4", "2026-02-30 10:00", "900000 years ago"]
        {
            check(text, Lean::Past, &format!("`{text}` is not a time"));
        }
    }
}
