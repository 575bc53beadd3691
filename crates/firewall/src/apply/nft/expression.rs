//! The expressions of a rule as the kernel has them: what of them is the rule, and what only counts.

use ruleset::Counters;

use crate::netlink::{Attribute, Attributes, Writer};

/// NFTA_LIST_ELEM: one expression of a list.
const ELEMENT: u16 = 1;
/// NFTA_EXPR_NAME.
const NAME: u16 = 1;
/// NFTA_EXPR_DATA.
const DATA: u16 = 2;
/// NFTA_COUNTER_BYTES.
const COUNTER_BYTES: u16 = 1;
/// NFTA_COUNTER_PACKETS.
const COUNTER_PACKETS: u16 = 2;
/// Type of our own entry in a rule's user data; programs that read user data skip types that they don't know.
const TAG: u8 = 0xd5;

/// The protocol that iptables-nft tells the kernel beside the expressions, for the checks of x_tables matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Compat {
    pub protocol: u8,
    pub is_inverted: bool,
}

fn list(expressions: &[u8]) -> impl Iterator<Item = (String, Attributes<'_>)> {
    Attributes::new(expressions).filter(|element| element.number == ELEMENT).map(|element| {
        let inner = element.nested();
        let name = inner.find(NAME).map(Attribute::text).unwrap_or_default();
        (name, inner.find(DATA).map_or(Attributes::new(&[]), Attribute::nested))
    })
}

/// The same list with these counters (zero for none) in every counter; two rules are the same if this is.
pub(super) fn with_counters(expressions: &[u8], counters: Counters) -> Vec<u8> {
    let mut writer = Writer::new();
    for element in Attributes::new(expressions) {
        let name = element.nested().find(NAME).map(Attribute::text);
        if name.as_deref() == Some("counter") {
            writer.nest(ELEMENT, |inner| {
                inner.text(NAME, "counter").nest(DATA, |data| {
                    data.be64(COUNTER_BYTES, counters.bytes).be64(COUNTER_PACKETS, counters.packets);
                });
            });
        } else {
            writer.bytes(element.number | 0x8000, element.payload);
        }
    }
    writer.into_bytes()
}

/// Do both lists say the same, whatever was counted?
pub(super) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let bare = |expressions| with_counters(expressions, Counters::default());
    bare(one) == bare(other)
}

/// What the rule has counted.
pub(super) fn counters(expressions: &[u8]) -> Option<Counters> {
    let (_, data) = list(expressions).find(|(name, _)| name == "counter")?;
    let number = |attribute| data.find(attribute).and_then(Attribute::be64).unwrap_or_default();
    Some(Counters { packets: number(COUNTER_PACKETS), bytes: number(COUNTER_BYTES) })
}

/// The protocol that the rule is limited to, as iptables-nft tells it: the kernel does not give back what it was told.
pub(super) fn compat(expressions: &[u8]) -> Option<Compat> {
    let mut is_protocol = false;
    for (name, data) in list(expressions) {
        let word = |attribute| data.find(attribute).and_then(Attribute::be32);
        match name.as_str() {
            // meta l4proto, or the byte at 9 of an IPv4 header.
            "meta" => is_protocol = word(2) == Some(16) && word(1).is_some(),
            "payload" => is_protocol = word(2) == Some(1) && word(3) == Some(9) && word(4) == Some(1),
            "cmp" if is_protocol => {
                let value = data.find(3).and_then(|value| value.nested().find(1)).and_then(Attribute::u8);
                return value.map(|protocol| Compat { protocol, is_inverted: word(2) == Some(1) });
            }
            _ => is_protocol = false,
        }
    }
    None
}

/// The same list with the numbers that ipsets have in this namespace; `None` if a set has none.
pub(super) fn with_set_indices(expressions: &[u8], real: &dyn Fn(u16) -> Option<u16>) -> Option<Vec<u8>> {
    let mut changed = expressions.to_vec();
    for (kind, data) in list(expressions) {
        let module = data.find(1).map(Attribute::text).unwrap_or_default();
        // struct xt_set_info begins with the set's index; a target has three of them (add, delete, map), four bytes each.
        let places: &[usize] = match (kind.as_str(), module.as_str()) {
            ("match", "set") => &[0],
            ("target", "SET") => &[0, 4, 8],
            _ => continue,
        };
        let information = data.find(3)?.payload;
        let begin = information.as_ptr().addr() - expressions.as_ptr().addr();
        for place in places {
            let bytes = information.get(*place..place + 2)?;
            let index = u16::from_ne_bytes([bytes[0], bytes[1]]);
            if index != NO_SET {
                changed[begin + place..begin + place + 2].copy_from_slice(&real(index)?.to_ne_bytes());
            }
        }
    }
    Some(changed)
}

/// IPSET_INVALID_ID.
const NO_SET: u16 = 65_535;

/// User data with our mark added: the plan's tag and the number of the change.
pub(super) fn tagged(userdata: Option<&[u8]>, tag: uuid::Uuid, index: u16) -> Vec<u8> {
    let mut bytes = userdata.unwrap_or_default().to_vec();
    bytes.extend_from_slice(&[TAG, 18]);
    bytes.extend_from_slice(tag.as_bytes());
    bytes.extend_from_slice(&index.to_be_bytes());
    bytes
}

/// Our mark in user data: entries of a type, a length and so many bytes.
pub(super) fn tag_of(userdata: Option<&[u8]>) -> Option<(uuid::Uuid, u16)> {
    let mut rest = userdata?;
    while let [kind, length, tail @ ..] = rest {
        let (value, next) = tail.split_at_checked(usize::from(*length))?;
        if *kind == TAG && value.len() == 18 {
            let tag = uuid::Uuid::from_slice(&value[..16]).ok()?;
            return Some((tag, u16::from_be_bytes([value[16], value[17]])));
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_found_beside_a_comment() {
        let tag = uuid::Uuid::from_u128(7);
        let comment = [0_u8, 3, b'h', b'i', 0];
        let bytes = tagged(Some(&comment), tag, 3);
        assert_eq!(tag_of(Some(&bytes)), Some((tag, 3)));
        assert_eq!(tag_of(Some(&comment)), None);
        assert_eq!(tag_of(Some(&bytes[..9])), None);
        assert_eq!(tag_of(None), None);
    }

    #[test]
    fn counters_are_not_the_rule() {
        let rule = |packets| {
            let mut writer = Writer::new();
            writer.nest(ELEMENT, |inner| {
                inner.text(NAME, "counter").nest(DATA, |data| {
                    data.be64(COUNTER_BYTES, 9).be64(COUNTER_PACKETS, packets);
                });
            });
            writer.into_bytes()
        };
        assert!(is_same(&rule(1), &rule(2)));
        assert_eq!(counters(&rule(2)), Some(Counters { packets: 2, bytes: 9 }));
        let given = Counters { packets: 5, bytes: 6 };
        assert_eq!(counters(&with_counters(&rule(1), given)), Some(given));
    }
}
