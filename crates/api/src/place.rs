//! A place in a timeline, as text in queries.

use std::fmt;
use std::str::FromStr;

use fact::Timestamp;

/// Text that is no place in a timeline was given as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsePlaceError(String);

impl fmt::Display for ParsePlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no place in a timeline: expected a line's `occurred_at` and `position` with a comma between",
            self.0
        )
    }
}

impl std::error::Error for ParsePlaceError {}

/// Where a line is: `2026-02-20T15:10:00.000000Z,4711`, its `occurred_at` and `position`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When it happened, as corrected.
    pub occurred_at: Timestamp,
    /// Its position in the log.
    pub position: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.occurred_at, self.position)
    }
}

impl FromStr for Place {
    type Err = ParsePlaceError;

    fn from_str(text: &str) -> Result<Self, ParsePlaceError> {
        let place = || {
            let (at, position) = text.split_once(',')?;
            Some(Place { occurred_at: at.parse().ok()?, position: position.parse().ok()? })
        };
        place().ok_or_else(|| ParsePlaceError(text.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_as_it_is_written() {
        let text = "2026-02-20T15:10:00.000001Z,4711";
        assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
    }

    #[test]
    fn refuses_what_is_no_place() {
        for text in ["", ",", "4711", "2026-02-20T15:10:00Z", "2026-02-20T15:10:00Z,-1", "yesterday,1"] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
