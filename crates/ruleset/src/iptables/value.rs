//! Values of options: numbers, ports, addresses with masks, marks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{Family, Masked, Range, Values};

/// A number as C's strtoul with base 0 reads it: decimal, `0x` hexadecimal, `0` octal.
pub(super) fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    let is_digits = !digits.is_empty() && !digits.starts_with('+');
    is_digits.then(|| u64::from_str_radix(digits, radix).ok()).flatten()
}

/// A number that fits.
pub(super) fn number_up_to(text: &str, largest: u64) -> Option<u64> {
    number(text).filter(|number| *number <= largest)
}

/// A range of numbers `a<separator>b`, `a<separator>`, `<separator>b`, or one number.
pub(super) fn range(text: &str, separator: char, largest: u64) -> Option<Range> {
    let (first, last) = match text.split_once(separator) {
        None => {
            let only = number_up_to(text, largest)?;
            (only, only)
        }
        Some((first, last)) => (
            if first.is_empty() { 0 } else { number_up_to(first, largest)? },
            if last.is_empty() { largest } else { number_up_to(last, largest)? },
        ),
    };
    Some(Range { first: first.into(), last: last.into() })
}

/// A port or `first:last`.
pub(super) fn ports(text: &str) -> Option<Range> {
    range(text, ':', 65_535)
}

/// A value with its mask; without one the mask is all of the field's bits.
pub(super) fn value_and_mask(text: &str, all: u64) -> Option<(u64, u64)> {
    match text.split_once('/') {
        None => Some((number_up_to(text, all)?, all)),
        Some((value, mask)) => Some((number_up_to(value, all)?, number_up_to(mask, all)?)),
    }
}

/// `value/mask` of a field of 32 bits.
pub(super) fn mark(text: &str) -> Option<(u32, u32)> {
    let (value, mask) = value_and_mask(text, u64::from(u32::MAX))?;
    Some((u32::try_from(value).ok()?, u32::try_from(mask).ok()?))
}

/// `field & mask == value`, in the plainest form.
pub(super) fn masked(value: u128, mask: u128, all: u128) -> Values {
    if value & !mask != 0 {
        return Values::Ranges(Vec::new());
    }
    let is_contiguous = (all & !mask).wrapping_add(1).is_power_of_two() || mask == 0;
    if is_contiguous {
        return Values::Ranges(vec![Range { first: value, last: value | (all & !mask) }]);
    }
    Values::Masked(vec![Masked { value, mask }])
}

/// All bits of an address of this family.
pub(super) fn all_bits(family: Family) -> u128 {
    if family == Family::Ip6 { u128::MAX } else { u128::from(u32::MAX) }
}

/// An address of this family, as a number.
pub(super) fn address(text: &str, family: Family) -> Option<u128> {
    if family == Family::Ip6 {
        text.parse::<Ipv6Addr>().ok().map(u128::from)
    } else {
        text.parse::<Ipv4Addr>().ok().map(|address| u128::from(u32::from(address)))
    }
}

/// The address of a number.
pub(super) fn address_of(number: u128, family: Family) -> IpAddr {
    match (family, u32::try_from(number)) {
        (Family::Ip6, _) | (_, Err(_)) => IpAddr::V6(number.into()),
        (_, Ok(number)) => IpAddr::V4(number.into()),
    }
}

/// An address as the C library prints it: `::1.2.3.4` too.
pub(super) fn address_text(number: u128, family: Family) -> String {
    match address_of(number, family) {
        IpAddr::V6(_) if number > 0xffff && number >> 32 == 0 => {
            let low = u32::try_from(number).unwrap_or_default();
            format!("::{}", Ipv4Addr::from(low))
        }
        address => address.to_string(),
    }
}

/// `address`, `address/length` or `address/mask`: the value (under the mask) and the mask.
pub(super) fn network(text: &str, family: Family) -> Option<(u128, u128)> {
    let all = all_bits(family);
    let Some((text, mask)) = text.split_once('/') else {
        return Some((address(text, family)?, all));
    };
    let bits = all.count_ones();
    let mask = match mask.parse::<u32>() {
        Ok(length) if length <= bits => {
            if length == 0 {
                0
            } else {
                all & (all << (bits - length))
            }
        }
        Ok(_) => return None,
        Err(_) => address(mask, family)?,
    };
    Some((address(text, family)? & mask, mask))
}

/// One network or several with commas, as the values of an address.
pub(super) fn networks(text: &str, family: Family) -> Option<Values> {
    let all = all_bits(family);
    if !text.contains(',') {
        let (value, mask) = network(text, family)?;
        return Some(masked(value, mask, all));
    }
    let mut ranges = Vec::new();
    let mut others = Vec::new();
    for part in text.split(',') {
        let (value, mask) = network(part.trim(), family)?;
        match masked(value, mask, all) {
            Values::Ranges(mut found) => ranges.append(&mut found),
            _ => others.push(Masked { value, mask }),
        }
    }
    if others.is_empty() { Some(Values::ranges(ranges)) } else { None }
}

/// `first-last` or one address.
pub(super) fn address_range(text: &str, family: Family) -> Option<Range> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(Range { first: address(first, family)?, last: address(last, family)? })
}

/// A list with commas of words that each stand for some bits.
pub(super) fn bits_of(text: &str, mut bit: impl FnMut(&str) -> Option<u32>) -> Option<u32> {
    text.split(',').try_fold(0, |bits, word| Some(bits | bit(word)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_bases_of_c() {
        let found: Vec<_> =
            ["22", "0x16", "026", "0", "", "0x", "-1", "+1", "1a"].into_iter().map(number).collect();
        assert_eq!(found, [Some(22), Some(22), Some(22), Some(0), None, None, None, None, None]);
    }

    #[test]
    fn networks_become_ranges_or_masks() {
        let range = |first, last| Values::Ranges(vec![Range { first, last }]);
        assert_eq!(networks("10.0.0.0/8", Family::Ip), Some(range(0x0a00_0000, 0x0aff_ffff)));
        assert_eq!(networks("10.0.0.7/255.255.255.0", Family::Ip), Some(range(0x0a00_0000, 0x0a00_00ff)));
        assert_eq!(networks("0.0.0.0/0", Family::Ip), Some(range(0, 0xffff_ffff)));
        assert_eq!(networks("::/0", Family::Ip6), Some(range(0, u128::MAX)));
        assert_eq!(networks("::1/128", Family::Ip6), Some(range(1, 1)));
        assert_eq!(networks("10.0.0.1,10.0.0.0", Family::Ip), Some(range(0x0a00_0000, 0x0a00_0001)));
        assert_eq!(
            networks("10.0.0.1/255.0.0.255", Family::Ip),
            Some(Values::Masked(vec![Masked { value: 0x0a00_0001, mask: 0xff00_00ff }]))
        );
        assert_eq!(networks("10.0.0.0/33", Family::Ip), None);
        assert_eq!(networks("example.org", Family::Ip), None);
    }
}
