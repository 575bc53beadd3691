//! The numbers of incidents: `INC-12` is its twelfth, `INC-482913` is private.
//!
//! Public incidents are numbered in order, private ones by lot, out of a range of their own: no gap
//! tells outsiders that there is one, and no member of one can tell how many others there are
//! (docs/decisions/0019).

use std::ops::Range;

use fact::FactId;

use crate::State;

/// Numbers that only private incidents are given.
const PRIVATE: Range<u64> = 100_000..1_000_000;

impl State {
    /// The number of the next incident; `lot` is a fresh id, of which the random end is used.
    ///
    /// What was declared before numbers were given so keeps the number that its fact names.
    pub fn next_number(&self, private: bool, lot: FactId) -> u64 {
        let drawn = lot.0.as_u64_pair().1 % (PRIVATE.end - PRIVATE.start) + PRIVATE.start;
        let free = |number: &u64| !self.numbers.contains_key(number);
        let lots = || (drawn..PRIVATE.end).chain(PRIVATE.start..drawn);
        match private.then(|| lots().find(free)).flatten() {
            Some(number) => number,
            None => self.numbers.keys().rev().find(|number| !PRIVATE.contains(number)).map_or(1, after),
        }
    }
}

fn after(last: &u64) -> u64 {
    let next = last + 1;
    if PRIVATE.contains(&next) { PRIVATE.end } else { next }
}

#[cfg(test)]
mod tests {
    use fact::EntityId;
    use uuid::Uuid;

    use super::*;

    fn state(numbers: &[u64]) -> State {
        let mut state = State::default();
        state.numbers.extend(numbers.iter().map(|number| (*number, EntityId(Uuid::from_u128(1)))));
        state
    }

    fn check(taken: &[u64], private: bool, lot: u128, expected: u64) {
        let number = state(taken).next_number(private, FactId(Uuid::from_u128(lot)));
        assert_eq!(number, expected, "{taken:?} {private} {lot}");
    }

    #[test]
    fn public_ones_have_no_gaps_where_private_ones_are() {
        check(&[], false, 7, 1);
        check(&[1, 2, 482_913], false, 7, 3);
        check(&[482_913], false, 7, 1);
        check(&[99_999, 100_000], false, 7, 1_000_000);
        check(&[99_999, 1_000_000], false, 7, 1_000_001);
    }

    #[test]
    fn private_ones_are_drawn() {
        check(&[1, 2], true, 7, 100_007);
        check(&[1, 2, 100_007], true, 7, 100_008);
        check(&[999_999], true, 899_999, 100_000);
    }
}
