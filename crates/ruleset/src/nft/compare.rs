//! Comparisons from nft's words, of its text or its JSON.

use super::kind::Kind;
use super::selector::Selector;
use super::statement::{Comparison, Item, Relation, Statement};
use crate::{Name, Range};

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// One value, a range or a network.
    One(String),
    /// Bits with commas between them.
    Flags(Vec<String>),
    /// Values in braces.
    Set(Vec<String>),
    /// A set by its name.
    Named(String),
}

/// A comparison; `None` if it is not understood.
pub(super) fn compare(
    left: Selector,
    mask: Option<&[String]>,
    operator: &str,
    right: &Right,
) -> Option<Statement> {
    let kind = left.kind();
    let bits = left.bits();
    let negated = matches!(operator, "!=" | "!");
    let right = match right {
        Right::Named(set) if mask.is_none() => {
            return Some(Statement::Member { keys: vec![left], set: set.clone(), elements: None, negated });
        }
        Right::Named(_) => return None,
        Right::One(word) => std::slice::from_ref(word),
        Right::Flags(words) => {
            let number = bits_of(kind, words)?;
            return flags(left, mask, operator, number);
        }
        Right::Set(words) => {
            let items: Option<Vec<Item>> = words.iter().map(|word| item(word, kind, bits)).collect();
            return mask
                .is_none()
                .then(|| Statement::Compare(Comparison::is(left, items.unwrap_or_default(), negated)))
                .filter(|statement| !matches!(statement, Statement::Compare(one) if one.right.is_empty()));
        }
    };
    if kind.is_bits() {
        let number = bits_of(kind, right);
        if let Some(number) = number {
            return flags(left, mask, operator, number);
        }
    }
    if let Some(mask) = mask {
        let mask = bits_of(kind, mask)?;
        let number = bits_of(kind, right)?;
        return Some(under_mask(left, mask, number, negated));
    }
    let item = item(right.first()?, kind, bits)?;
    let all = if bits >= 128 { u128::MAX } else { (1 << bits) - 1 };
    let item = match (operator, &item) {
        ("==" | "!=" | "in" | "!", _) => item,
        (_, Item::Numbers(Range { first, last })) if first == last => Item::Numbers(match operator {
            "<" => Range { first: 0, last: first.checked_sub(1)? },
            "<=" => Range { first: 0, last: *first },
            ">" => Range { first: first.checked_add(1)?, last: all },
            ">=" => Range { first: *first, last: all },
            _ => return None,
        }),
        _ => return None,
    };
    Some(Statement::Compare(Comparison::is(left, vec![item], negated)))
}

/// Bits: without an operator any of them, with one exactly these.
fn flags(left: Selector, mask: Option<&[String]>, operator: &str, number: u128) -> Option<Statement> {
    let negated = matches!(operator, "!=" | "!");
    if let Some(mask) = mask {
        let mask = bits_of(left.kind(), mask)?;
        return Some(under_mask(left, mask, number, negated));
    }
    let relation = match operator {
        "in" => Relation::HasBit,
        "!" => Relation::HasNoBit,
        "==" => Relation::Is,
        "!=" => Relation::IsNot,
        _ => return None,
    };
    Some(Statement::Compare(Comparison { left, mask: None, relation, right: vec![Item::number(number)] }))
}

fn under_mask(left: Selector, mask: u128, number: u128, negated: bool) -> Statement {
    if left.kind().is_bits() && number == 0 {
        let relation = if negated { Relation::HasBit } else { Relation::HasNoBit };
        return Statement::Compare(Comparison {
            left,
            mask: None,
            relation,
            right: vec![Item::number(mask)],
        });
    }
    let relation = if negated { Relation::IsNot } else { Relation::Is };
    Statement::Compare(Comparison { left, mask: Some(mask), relation, right: vec![Item::number(number)] })
}

/// Words of bits together.
pub(super) fn bits_of(kind: Kind, words: &[String]) -> Option<u128> {
    words.iter().try_fold(0, |bits, word| Some(bits | kind.number(word)?))
}

/// A value, a range `a-b`, a network `a/8`, or the beginning of a name `eth*`.
pub(super) fn item(word: &str, kind: Kind, bits: u32) -> Option<Item> {
    if kind == Kind::Interface {
        let text = word.trim_matches('"');
        return Some(Item::Name(match text.strip_suffix('*') {
            Some(start) => Name { text: start.to_owned(), is_prefix: true },
            None => Name { text: text.to_owned(), is_prefix: false },
        }));
    }
    if word == "*" {
        return Some(Item::Numbers(Range { first: 0, last: u128::MAX }));
    }
    if let Some(number) = kind.number(word) {
        return Some(Item::number(number));
    }
    if let Some((address, length)) = word.split_once('/') {
        let first = kind.number(address)?;
        let length: u32 = length.parse().ok().filter(|length| *length <= bits)?;
        let free = match bits - length {
            128 => u128::MAX,
            low => (1 << low) - 1,
        };
        return Some(Item::Numbers(Range { first: first & !free, last: first | free }));
    }
    let (first, last) = word.split_once('-')?;
    Some(Item::Numbers(Range { first: kind.number(first)?, last: kind.number(last)? }))
}
