//! How far a source's clock is off, from the lags of its live facts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spoken;

/// With fewer facts than these nothing is said.
const ENOUGH: usize = 5;
/// A clock that is off by less is right.
const RIGHT_WITHIN_MICROS: i64 = 2_000_000;

/// How a source's clock and its deliveries stand to ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skew {
    /// How many facts this is from.
    pub n: usize,
    /// By how many milliseconds its clock is ahead at least; a clock that is behind can't be told
    /// from late delivery.
    pub ahead_ms: Option<i64>,
    /// The median time from happening to being recorded, in milliseconds, as the clocks say.
    pub lag_ms: i64,
    /// In a sentence.
    pub says: String,
}

/// An estimate from lags: recorded minus occurred, in microseconds, of the latest live facts.
///
/// Nothing is recorded before it happens, so the least lag tells how far a clock is ahead at least.
/// One fact alone may carry a wrong time: of twenty and more, the least twentieth is not counted.
pub fn skew(lags: &[i64]) -> Option<Skew> {
    if lags.len() < ENOUGH {
        return None;
    }
    let mut sorted = lags.to_vec();
    sorted.sort_unstable();
    let least = sorted[sorted.len() / 20];
    let median = sorted[sorted.len() / 2];
    let n = sorted.len();
    let ahead_ms = (least < -RIGHT_WITHIN_MICROS).then_some(-least / 1_000);
    let says = match ahead_ms {
        Some(ahead) => format!(
            "Its clock is at least {} ahead of ours (from its last {n} facts); times shown are its own.",
            spoken(ahead.unsigned_abs() / 1_000)
        ),
        None if median > 60 * RIGHT_WITHIN_MICROS => format!(
            "Its facts arrive {} after they happened (half of its last {n}): it sends late, or its clock is behind.",
            spoken(median.unsigned_abs() / 1_000_000)
        ),
        None => format!("Its clock agrees with ours, as far as its last {n} facts tell."),
    };
    Some(Skew { n, ahead_ms, lag_ms: median / 1_000, says })
}

#[cfg(test)]
mod tests {
    use super::skew;

    fn says(lags_s: &[i64]) -> String {
        let lags: Vec<i64> = lags_s.iter().map(|seconds| seconds * 1_000_000).collect();
        skew(&lags).map_or_else(|| "-".to_owned(), |skew| skew.says)
    }

    #[test]
    fn clocks_and_deliveries_are_told_apart_where_they_can_be() {
        insta::assert_snapshot!(says(&[-300, -300]), @"-");
        insta::assert_snapshot!(says(&[-61, -58, -60, -59, -50]), @"Its clock is at least 1 min 1 s ahead of ours (from its last 5 facts); times shown are its own.");
        insta::assert_snapshot!(says(&[1, 0, 2, 1, 0, -1]), @"Its clock agrees with ours, as far as its last 6 facts tell.");
        insta::assert_snapshot!(says(&[200, 190, 210, 220, 180]), @"Its facts arrive 3 min 20 s after they happened (half of its last 5): it sends late, or its clock is behind.");
        // One wrong time among many is no skew.
        let mut many = vec![1; 30];
        many.push(-86_400);
        insta::assert_snapshot!(says(&many), @"Its clock agrees with ours, as far as its last 31 facts tell.");
    }
}
