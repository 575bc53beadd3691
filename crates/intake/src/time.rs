//! Times as senders write them.

use fact::Timestamp;
use serde_json::Value;

/// A time as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// No time, or one that stands for none: null, "", 0, the year 1.
    Missing,
    /// A time, with the offset in which it was told when that is not UTC.
    At(Timestamp, Option<String>),
    /// Something that is no time.
    Unreadable(String),
}

impl Told {
    /// Reads a field: RFC 3339 and its usual deviations, or a number since 1970.
    pub fn read(value: Option<&Value>) -> Told {
        match value {
            None | Some(Value::Null) => Told::Missing,
            Some(Value::String(text)) => from_text(text.trim()),
            Some(Value::Number(number)) => from_number(&number.to_string()),
            Some(other) => Told::Unreadable(shown(&other.to_string())),
        }
    }

    /// This time, or if it is missing the other.
    #[must_use]
    pub fn or(self, other: impl FnOnce() -> Told) -> Told {
        if self == Told::Missing { other() } else { self }
    }

    /// The time, if it is one.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Told::At(at, _) => Some(*at),
            _ => None,
        }
    }
}

/// Nothing that reports live happened before this: 1990-01-01T00:00:00Z.
const EARLIEST: Timestamp = Timestamp::from_secs(631_152_000);

/// Why a told time can't be that of something that was reported at `received_at`.
pub fn absurdity(at: Timestamp, received_at: Timestamp) -> Option<&'static str> {
    if at < EARLIEST {
        Some("lies before 1990")
    } else if at > received_at.plus_minutes(24 * 60) {
        Some("lies more than a day after its receipt")
    } else {
        None
    }
}

fn from_text(text: &str) -> Told {
    if text.is_empty() || text.starts_with("0001-01-01") {
        return Told::Missing;
    }
    if text.len() > 64 {
        return Told::Unreadable(shown(text));
    }
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if numeric {
        return from_number(text);
    }
    // GitLab writes `2025-05-02 11:55:16 +0000` and, in older events, `2013-12-03 17:23:34 UTC`.
    let joined = text.replace(" UTC", "Z").replace(" +", "+").replace(" -", "-");
    match joined.parse::<jiff::Timestamp>() {
        Ok(at) => Told::At(at.into(), offset(&joined)),
        Err(_) => Told::Unreadable(shown(text)),
    }
}

/// The offset of an RFC 3339 text, if it is not zero.
fn offset(text: &str) -> Option<String> {
    let sign = text.rfind(['+', '-']).filter(|at| *at > "2026-01-01T".len())?;
    let offset = &text[sign..];
    let is_zero = offset.bytes().all(|byte| !(b'1'..=b'9').contains(&byte));
    (!is_zero && offset.len() <= 9).then(|| offset.to_owned())
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size: each
/// unit covers the years 1973 to 5138 in which no other does.
fn from_number(text: &str) -> Told {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.starts_with('-') {
        return Told::Unreadable(shown(text));
    }
    let fraction_digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let (Ok(whole), true) = (whole.parse::<i64>(), fraction.is_empty() || fraction_digits) else {
        return Told::Unreadable(shown(text));
    };
    let micros = match whole {
        0 => return Told::Missing,
        1..100_000_000_000 => {
            let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
            whole * 1_000_000 + digits.parse::<i64>().unwrap_or(0)
        }
        100_000_000_000..100_000_000_000_000 => {
            let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
            whole * 1_000 + digits.parse::<i64>().unwrap_or(0)
        }
        100_000_000_000_000..100_000_000_000_000_000 => whole,
        _ => whole / 1_000,
    };
    Told::At(Timestamp::from_micros(micros), None)
}

/// A value as shown in a diagnostic.
fn shown(text: &str) -> String {
    crate::json::one_line(text, 64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: &Value, expected: &str) {
        let found = match Told::read(Some(value)) {
            Told::Missing => "missing".into(),
            Told::At(at, None) => at.to_string(),
            Told::At(at, Some(zone)) => format!("{at} in {zone}"),
            Told::Unreadable(text) => format!("no time: {text}"),
        };
        assert_eq!(found, expected, "{value}");
    }

    #[test]
    fn reads_what_senders_write() {
        check(&json!("2020-02-06T00:17:58.432911368Z"), "2020-02-06T00:17:58.432911Z");
        check(&json!("2020-02-06T01:17:58+01:00"), "2020-02-06T00:17:58.000000Z in +01:00");
        check(&json!("2025-05-02 11:55:16 +0000"), "2025-05-02T11:55:16.000000Z");
        check(&json!("2025-05-02 11:55:16 -0530"), "2025-05-02T17:25:16.000000Z in -0530");
        check(&json!("2013-12-03 17:23:34 UTC"), "2013-12-03T17:23:34.000000Z");
        check(&json!("2019-05-15T15:20:55+00:00"), "2019-05-15T15:20:55.000000Z");
        check(&json!(1_580_948_278), "2020-02-06T00:17:58.000000Z");
        check(&json!(1_580_948_278.25), "2020-02-06T00:17:58.250000Z");
        check(&json!("1580948278.432911"), "2020-02-06T00:17:58.432911Z");
        check(&json!(1_580_948_278_432_i64), "2020-02-06T00:17:58.432000Z");
        check(&json!(1_580_948_278_432_911_i64), "2020-02-06T00:17:58.432911Z");
        check(&json!(1_502_709_956_288_000_110_i64), "2017-08-14T11:25:56.288000Z");
        check(&json!("0001-01-01T00:00:00Z"), "missing");
        check(&json!(""), "missing");
        check(&json!(0), "missing");
        check(&json!(null), "missing");
        check(&json!(-5), "no time: -5");
        check(&json!(1e300), "no time: 1e+300");
        check(&json!("yesterday"), "no time: yesterday");
        check(&json!("2025-05-02 11:55:16"), "no time: 2025-05-02 11:55:16");
        check(&json!("9999999999999999999999"), "no time: 9999999999999999999999");
        check(&json!({"a": 1}), "no time: {\"a\":1}");
        check(&json!("٣"), "no time: ٣");
    }

    #[test]
    fn knows_absurd_times() {
        let now: Timestamp = "2026-02-20T15:10:00Z".parse().unwrap();
        let absurd = |text: &str| absurdity(text.parse().unwrap(), now).is_some();
        assert!(absurd("1989-12-31T23:59:59Z"));
        assert!(absurd("2026-02-21T15:10:01Z"));
        assert!(!absurd("2026-02-21T15:10:00Z"), "a clock may be a day ahead");
        assert!(!absurd("1990-01-01T00:00:00Z"));
    }
}
