//! Values of fields in words.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::{Masked, Range, Values};

/// `a`, `a or b`, `a, b or c`.
pub(super) fn list(words: &[String]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [start @ .., last] => format!("{} or {last}", start.join(", ")),
    }
}

/// Values as a list of words, each number or range by `one`.
pub(super) fn values(values: &Values, one: impl Fn(&Range) -> String) -> String {
    match values {
        Values::Ranges(ranges) => list(&ranges.iter().map(one).collect::<Vec<_>>()),
        Values::Masked(masked) => list(&masked.iter().map(under_mask).collect::<Vec<_>>()),
        Values::AnyBit(bits) => format!("any of the bits {bits:#x}"),
        Values::Names(names) => {
            let name = |name: &crate::Name| {
                if name.is_prefix { format!("{}*", name.text) } else { name.text.clone() }
            };
            list(&names.iter().map(name).collect::<Vec<_>>())
        }
    }
}

fn under_mask(masked: &Masked) -> String {
    format!("{:#x} under the mask {:#x}", masked.value, masked.mask)
}

/// A number, or a range of them.
pub(super) fn numbers(range: &Range) -> String {
    if range.first == range.last {
        range.first.to_string()
    } else {
        format!("{} to {}", range.first, range.last)
    }
}

/// The same in hexadecimal, as marks are written.
pub(super) fn hex(range: &Range) -> String {
    if range.first == range.last {
        format!("{:#x}", range.first)
    } else {
        format!("{:#x} to {:#x}", range.first, range.last)
    }
}

/// Addresses in words.
pub(super) fn addresses(of: &Values, version: Option<u8>) -> String {
    match of {
        Values::Masked(masked) => {
            let one = |masked: &Masked| {
                format!("{} under the mask {}", address(masked.value, version), address(masked.mask, version))
            };
            list(&masked.iter().map(one).collect::<Vec<_>>())
        }
        _ => values(of, |range| network(range, version)),
    }
}

/// A network where the range is one, else from where to where.
fn network(range: &Range, version: Option<u8>) -> String {
    let first = address(range.first, version);
    if range.first == range.last {
        return first;
    }
    let size = range.last.wrapping_sub(range.first).wrapping_add(1);
    let bits = if is_v6(range.last, version) { 128 } else { 32 };
    if size == 0 {
        return "::/0".to_owned();
    }
    if size.is_power_of_two() && range.first.is_multiple_of(size) {
        return format!("{first}/{}", bits - size.trailing_zeros());
    }
    format!("{first} to {}", address(range.last, version))
}

fn is_v6(number: u128, version: Option<u8>) -> bool {
    version == Some(6) || u32::try_from(number).is_err()
}

fn address(number: u128, version: Option<u8>) -> String {
    match u32::try_from(number) {
        Ok(number) if version != Some(6) => Ipv4Addr::from(number).to_string(),
        _ => Ipv6Addr::from(number).to_string(),
    }
}
