//! What is still possible for one field of the packet that is asked about.

use std::rc::Rc;

use crate::{Masked, Name, Range, Values};

/// The values that a field may still have; never none.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Domain {
    /// This number.
    One(u128),
    /// Any of these: sorted, disjoint, not touching, at least two numbers.
    Any(Rc<[Range]>),
    /// This name; empty for an interface that the packet has not.
    Name(Rc<str>),
    /// A name that is not known.
    Names(Rc<Names>),
}

/// What is known of a name that is not known.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Names {
    /// It begins so.
    prefix: String,
    /// It is none of these.
    not: Vec<Name>,
}

/// How values divide a domain.
#[derive(Debug, PartialEq)]
pub(super) enum Split {
    /// All of it is among the values.
    Yes,
    /// None of it.
    No,
    /// A part is, a part isn't.
    Both {
        /// The part that is among the values.
        yes: Domain,
        /// What is left.
        no: Domain,
        /// Is what is left surely not among the values? Otherwise it has to be asked again.
        is_whole: bool,
    },
    /// Too many pieces to tell.
    Hard,
}

/// Up to so many values are tried one by one.
const FEW: u128 = 1 << 12;
/// Into at most so many ranges a mask is taken apart.
const PIECES: u32 = 12;

impl Domain {
    /// Any number of so many bits.
    pub fn bits(width: u32) -> Self {
        Self::Any(Rc::new([Range { first: 0, last: all_ones(width) }]))
    }

    /// Any of these, in any order.
    pub fn of(ranges: impl IntoIterator<Item = Range>) -> Option<Self> {
        let Values::Ranges(ranges) = Values::ranges(ranges) else { return None };
        Self::from_sorted(ranges)
    }

    fn from_sorted(ranges: Vec<Range>) -> Option<Self> {
        match ranges.as_slice() {
            [] => None,
            [one] if one.first == one.last => Some(Self::One(one.first)),
            _ => Some(Self::Any(ranges.into())),
        }
    }

    /// A name.
    pub fn name(name: &str) -> Self {
        Self::Name(name.into())
    }

    /// An interface of which nothing is known but that there is one.
    pub fn some_name() -> Self {
        Self::Names(Rc::new(Names::default()))
    }

    /// An interface of which nothing is known but that it isn't this one.
    pub fn some_name_but(name: &str) -> Self {
        let not = vec![Name { text: name.to_owned(), is_prefix: false }];
        Self::Names(Rc::new(Names { prefix: String::new(), not }))
    }

    /// The number, where only one is possible.
    pub fn number(&self) -> Option<u128> {
        match self {
            Self::One(number) => Some(*number),
            _ => None,
        }
    }

    /// The numbers that are possible.
    pub fn ranges(&self) -> Vec<Range> {
        match self {
            Self::One(number) => vec![Range { first: *number, last: *number }],
            Self::Any(ranges) => ranges.to_vec(),
            Self::Name(_) | Self::Names(_) => Vec::new(),
        }
    }

    /// Each possible number changed by a function that keeps their order, such as "one less".
    pub fn map(&self, change: impl Fn(u128) -> u128) -> Self {
        let changed = self
            .ranges()
            .into_iter()
            .map(|range| Range { first: change(range.first), last: change(range.last) });
        Self::of(changed).unwrap_or_else(|| self.clone())
    }

    /// Which part of it is among the values, each of so many bits?
    pub fn split(&self, values: &Values, width: u32) -> Split {
        match self {
            Self::One(number) if values.has(*number) => Split::Yes,
            Self::One(_) => Split::No,
            Self::Any(ranges) => split_ranges(ranges, values, width),
            Self::Name(name) if values.has_name(name) => Split::Yes,
            Self::Name(_) => Split::No,
            Self::Names(names) => names.split(values),
        }
    }
}

/// The largest number of so many bits.
pub(super) fn all_ones(width: u32) -> u128 {
    if width >= 128 { u128::MAX } else { (1 << width) - 1 }
}

fn split_ranges(own: &[Range], values: &Values, width: u32) -> Split {
    let found = match values {
        Values::Ranges(ranges) => intersection(own, ranges),
        Values::Names(_) => return Split::No,
        Values::Masked(_) | Values::AnyBit(_) => match among_few(own, values) {
            Some(ranges) => ranges,
            None => match as_ranges(values, width) {
                Some(ranges) => intersection(own, &ranges),
                None => return Split::Hard,
            },
        },
    };
    let left = difference(own, &found);
    match (Domain::from_sorted(found), Domain::from_sorted(left)) {
        (Some(yes), Some(no)) => Split::Both { yes, no, is_whole: true },
        (Some(_), None) => Split::Yes,
        (None, _) => Split::No,
    }
}

/// Those of a few numbers that are among the values, found by trying each.
fn among_few(own: &[Range], values: &Values) -> Option<Vec<Range>> {
    let count = own.iter().try_fold(0_u128, |sum, range| {
        (range.last - range.first).checked_add(1).and_then(|size| sum.checked_add(size))
    })?;
    if count > FEW {
        return None;
    }
    let numbers = own.iter().flat_map(|range| range.first..=range.last);
    let found = numbers.filter(|number| values.has(*number)).map(|one| Range { first: one, last: one });
    match Values::ranges(found) {
        Values::Ranges(ranges) => Some(ranges),
        _ => None,
    }
}

/// The values as ranges, unless there are too many.
pub(super) fn as_ranges(values: &Values, width: u32) -> Option<Vec<Range>> {
    let all = Range { first: 0, last: all_ones(width) };
    match values {
        Values::Ranges(ranges) => Some(ranges.clone()),
        Values::Masked(masked) => {
            let mut ranges = Vec::new();
            for one in masked {
                ranges.extend(mask_as_ranges(*one, width)?);
            }
            match Values::ranges(ranges) {
                Values::Ranges(ranges) => Some(ranges),
                _ => None,
            }
        }
        Values::AnyBit(bits) => {
            let none = mask_as_ranges(Masked { value: 0, mask: *bits }, width)?;
            Some(difference(&[all], &none))
        }
        Values::Names(_) => None,
    }
}

fn mask_as_ranges(one: Masked, width: u32) -> Option<Vec<Range>> {
    let full = all_ones(width);
    let mask = one.mask & full;
    if one.value > full || one.value & !one.mask != 0 {
        return Some(Vec::new());
    }
    if mask == 0 {
        return Some(vec![Range { first: 0, last: full }]);
    }
    let low = (1_u128 << mask.trailing_zeros()) - 1;
    let free = full & !mask & !low;
    if free.count_ones() > PIECES {
        return None;
    }
    let mut ranges = Vec::new();
    let mut piece = 0_u128;
    loop {
        let first = one.value | piece;
        ranges.push(Range { first, last: first | low });
        // The next number that has bits among the free ones only.
        piece = (piece | !free).wrapping_add(1) & free;
        if piece == 0 {
            return Some(ranges);
        }
    }
}

/// What is in both.
pub(super) fn intersection(one: &[Range], other: &[Range]) -> Vec<Range> {
    let (mut a, mut b, mut both) = (0, 0, Vec::new());
    while let (Some(x), Some(y)) = (one.get(a), other.get(b)) {
        let (first, last) = (x.first.max(y.first), x.last.min(y.last));
        if first <= last {
            both.push(Range { first, last });
        }
        if x.last < y.last { a += 1 } else { b += 1 }
    }
    both
}

/// What is in the one and not in the other.
pub(super) fn difference(one: &[Range], other: &[Range]) -> Vec<Range> {
    let mut left = Vec::new();
    let mut b = 0;
    for range in one {
        let mut first = Some(range.first);
        while let (Some(from), Some(hole)) = (first, other.get(b)) {
            if hole.last < from {
                b += 1;
                continue;
            }
            if hole.first > range.last {
                break;
            }
            if hole.first > from {
                left.push(Range { first: from, last: hole.first - 1 });
            }
            first = hole.last.checked_add(1).filter(|next| *next <= range.last);
        }
        if let Some(first) = first {
            left.push(Range { first, last: range.last });
        }
    }
    left
}

impl Names {
    fn split(&self, values: &Values) -> Split {
        let Values::Names(names) = values else { return Split::No };
        let is_all = |name: &Name| name.is_prefix && self.prefix.starts_with(&name.text);
        if names.iter().any(is_all) {
            return Split::Yes;
        }
        let mut possible = names.iter().filter(|name| self.may_be(name));
        let Some(first) = possible.next() else { return Split::No };
        let yes = if first.is_prefix {
            Domain::Names(Rc::new(Self { prefix: first.text.clone(), not: self.not.clone() }))
        } else {
            Domain::name(&first.text)
        };
        let mut not = self.not.clone();
        not.push(first.clone());
        let no = Domain::Names(Rc::new(Self { prefix: self.prefix.clone(), not }));
        Split::Both { yes, no, is_whole: possible.next().is_none() }
    }

    fn may_be(&self, name: &Name) -> bool {
        name.text.starts_with(&self.prefix)
            && !name.text.is_empty()
            && !self.not.iter().any(|not| {
                if name.is_prefix {
                    not.is_prefix && name.text.starts_with(&not.text)
                } else {
                    not.covers(&name.text)
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(ranges: &[Range]) -> Vec<u128> {
        ranges.iter().flat_map(|range| range.first..=range.last).collect()
    }

    fn any_ranges() -> impl Strategy<Value = Vec<Range>> {
        proptest::collection::vec((0_u128..60, 0_u128..8), 0..6).prop_map(|pairs| {
            let ranges = pairs.into_iter().map(|(first, more)| Range { first, last: (first + more).min(63) });
            match Values::ranges(ranges) {
                Values::Ranges(ranges) => ranges,
                other => panic!("{other:?}"),
            }
        })
    }

    fn any_values() -> impl Strategy<Value = Values> {
        prop_oneof![
            any_ranges().prop_map(Values::Ranges),
            (0_u128..64).prop_map(Values::AnyBit),
            proptest::collection::vec((0_u128..64, 0_u128..64), 1..3).prop_map(|masks| Values::Masked(
                masks.into_iter().map(|(value, mask)| Masked { value: value & mask, mask }).collect()
            )),
        ]
    }

    proptest! {
        #[test]
        fn ranges_are_sets(one in any_ranges(), other in any_ranges()) {
            let (a, b) = (numbers(&one), numbers(&other));
            let both: Vec<u128> = a.iter().copied().filter(|n| b.contains(n)).collect();
            let left: Vec<u128> = a.iter().copied().filter(|n| !b.contains(n)).collect();
            prop_assert_eq!(numbers(&intersection(&one, &other)), both);
            prop_assert_eq!(numbers(&difference(&one, &other)), left);
        }

        #[test]
        fn values_are_ranges(values in any_values()) {
            let expected: Vec<u128> = (0..64).filter(|n| values.has(*n)).collect();
            prop_assert_eq!(numbers(&as_ranges(&values, 6).unwrap()), expected);
        }

        #[test]
        fn a_split_is_a_partition(own in any_ranges(), values in any_values()) {
            let Some(domain) = Domain::of(own.clone()) else { return Ok(()) };
            let (yes, no): (Vec<u128>, Vec<u128>) = numbers(&own).into_iter().partition(|n| values.has(*n));
            match domain.split(&values, 6) {
                Split::Yes => prop_assert!(no.is_empty()),
                Split::No => prop_assert!(yes.is_empty()),
                Split::Both { yes: a, no: b, is_whole } => {
                    prop_assert!(is_whole);
                    prop_assert_eq!(numbers(&a.ranges()), yes);
                    prop_assert_eq!(numbers(&b.ranges()), no);
                }
                Split::Hard => prop_assert!(false, "64 values are few"),
            }
        }
    }

    #[test]
    fn the_whole_of_128_bits() {
        let all = Domain::bits(128);
        let one = Values::one(u128::MAX);
        let Split::Both { yes, no, .. } = all.split(&one, 128) else { panic!("a part") };
        assert_eq!(yes, Domain::One(u128::MAX));
        assert_eq!(no.ranges(), [Range { first: 0, last: u128::MAX - 1 }]);
    }

    #[test]
    fn names_are_narrowed() {
        let name = |text: &str, is_prefix| Name { text: text.to_owned(), is_prefix };
        let eth = Values::Names(vec![name("eth", true)]);
        let eth0 = Values::Names(vec![name("eth0", false)]);
        let Split::Both { yes, no, is_whole: true } = Domain::some_name().split(&eth, 0) else {
            panic!("a part")
        };
        assert_eq!(no.split(&eth0, 0), Split::No);
        assert_eq!(yes.split(&eth, 0), Split::Yes);
        let Split::Both { yes, no, .. } = yes.split(&eth0, 0) else { panic!("a part") };
        assert_eq!(yes, Domain::name("eth0"));
        assert_eq!(no.split(&eth0, 0), Split::No);
        let two = Values::Names(vec![name("a", false), name("b", false)]);
        assert!(matches!(Domain::some_name().split(&two, 0), Split::Both { is_whole: false, .. }));
        assert_eq!(Domain::name("").split(&eth0, 0), Split::No);
    }
}
