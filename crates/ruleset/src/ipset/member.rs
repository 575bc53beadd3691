//! Which packets are in a set.

use std::net::IpAddr;

use crate::{Field, IpSet};

use super::element::{self, Element};

/// What a set wants to know of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The address of this side: [`Field::Source`] or [`Field::Destination`].
    Address(Field),
    /// Protocol and port of this side: [`Field::SourcePort`] or [`Field::DestinationPort`].
    Port(Field),
    /// [`Field::InInterface`] or [`Field::OutInterface`].
    Interface(Field),
    /// The hardware address of this side, as [`Field::Source`] or [`Field::Destination`].
    Mac(Field),
    /// The packet's mark.
    Mark,
}

/// What a packet has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It isn't known.
    Unknown,
    /// It has no such thing (the ports of a later fragment): then it is in no set that asks for it.
    Absent,
    /// An address.
    Address(IpAddr),
    /// A port. As in the kernel, ICMP has type * 256 + code here, and a protocol without ports has 0.
    Port {
        /// The protocol.
        protocol: u8,
        /// The port.
        port: u16,
    },
    /// The name of an interface.
    Interface(String),
    /// A hardware address as a number of 48 bits.
    Mac(u64),
    /// A mark.
    Mark(u32),
}

/// What a set of this type looks up, by the directions that a rule gives. `None`: the type isn't known, or is `list:set`.
///
/// Too few directions: the kernel then finds nothing; that is an empty list.
pub fn parts(kind: &str, directions: &[Field]) -> Option<Vec<Asked>> {
    let kinds = kinds(kind)?;
    if directions.len() < kinds.len() {
        return Some(Vec::new());
    }
    let asked = |(kind, direction): (&&str, &Field)| {
        let is_source = *direction == Field::Source;
        let side = |source, destination| if is_source { source } else { destination };
        match *kind {
            "port" => Asked::Port(side(Field::SourcePort, Field::DestinationPort)),
            "iface" => Asked::Interface(side(Field::InInterface, Field::OutInterface)),
            "mac" => Asked::Mac(*direction),
            "mark" => Asked::Mark,
            _ => Asked::Address(*direction),
        }
    };
    Some(kinds.iter().zip(directions).map(asked).collect())
}

/// The parts of a type: `hash:ip,port` has `ip` and `port`.
fn kinds(kind: &str) -> Option<Vec<&str>> {
    let (method, kinds) = kind.split_once(':')?;
    let kinds: Vec<&str> = kinds.split(',').collect();
    let is_known = kinds.iter().all(|kind| matches!(*kind, "ip" | "net" | "port" | "iface" | "mac" | "mark"));
    (is_known && matches!(method, "hash" | "bitmap")).then_some(kinds)
}

/// Is a packet in the set of this name? `look` tells what the packet has. `None`: that can't be told, because something of the packet
/// isn't known, there is no such set, or something in it isn't understood.
///
/// As in the kernel: of several networks the narrowest one decides, and if it is `nomatch` the packet is not in the set.
/// Timeouts, counters and the like don't matter: an element that is listed is there.
pub fn has(sets: &[IpSet], name: &str, directions: &[Field], look: &dyn Fn(Asked) -> Seen) -> Option<bool> {
    // A list can't be in a list, so this goes no deeper than one step.
    let set = sets.iter().find(|set| set.name == name)?;
    if set.kind != "list:set" {
        return is_element(set, directions, look);
    }
    let mut is_certain = true;
    for element in &set.elements {
        let member = element.split(' ').next().unwrap_or_default();
        let found = sets.iter().find(|set| set.name == member && set.kind != "list:set");
        match found.and_then(|set| is_element(set, directions, look)) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => is_certain = false,
        }
    }
    is_certain.then_some(false)
}

fn is_element(set: &IpSet, directions: &[Field], look: &dyn Fn(Asked) -> Seen) -> Option<bool> {
    let kinds = kinds(&set.kind)?;
    let asked = parts(&set.kind, directions)?;
    if asked.is_empty() || set.elements.is_empty() {
        return Some(false);
    }
    let mut seen: Vec<Seen> = asked.into_iter().map(look).collect();
    if seen.contains(&Seen::Absent) {
        return Some(false);
    }
    mask(set, &kinds, &mut seen)?;
    let mut best: Option<(Vec<u8>, bool)> = None;
    let mut is_certain = true;
    for text in &set.elements {
        let Some(element) = element::read(text, &kinds) else {
            is_certain = false;
            continue;
        };
        match covers(&element, &seen) {
            Some(false) => {}
            None => is_certain = false,
            Some(true) => {
                let lengths = element.parts.iter().map(element::Part::length).collect();
                let found = (lengths, !element.is_nomatch);
                if best.as_ref().is_none_or(|best| best.0 < found.0) {
                    best = Some(found);
                }
            }
        }
    }
    // With exceptions about, an element that isn't certain might be the narrower one.
    let has_exceptions = set.elements.iter().any(|text| text.contains(" nomatch"));
    match best {
        Some((_, is_in)) if is_certain || !has_exceptions => Some(is_in),
        Some(_) => None,
        None => is_certain.then_some(false),
    }
}

/// Are all parts in? One that surely isn't settles it.
fn covers(element: &Element, seen: &[Seen]) -> Option<bool> {
    let mut is_certain = true;
    for (part, seen) in element.parts.iter().zip(seen) {
        match part.has(seen) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => is_certain = false,
        }
    }
    is_certain.then_some(true)
}

/// Some sets look at a part of an address or of a mark only.
fn mask(set: &IpSet, kinds: &[&str], seen: &mut [Seen]) -> Option<()> {
    let mut words = set.options.split(' ');
    while let Some(word) = words.next() {
        match word {
            "netmask" => {
                let length: u8 = words.next()?.parse().ok()?;
                for seen in seen.iter_mut() {
                    if let Seen::Address(address) = seen {
                        *address = first_of(*address, length);
                    }
                }
            }
            "bitmask" => return None,
            "markmask" => {
                let text = words.next()?;
                let mask = u32::from_str_radix(text.trim_start_matches("0x"), 16).ok()?;
                for seen in seen.iter_mut() {
                    if let Seen::Mark(mark) = seen {
                        *mark &= mask;
                    }
                }
            }
            _ => {}
        }
    }
    // The ports of a set without protocols are those of TCP and UDP.
    if kinds == ["port"] {
        for seen in seen.iter_mut() {
            if matches!(seen, Seen::Port { protocol, .. } if !matches!(protocol, 6 | 17)) {
                *seen = Seen::Absent;
            }
        }
    }
    Some(())
}

/// The first address of the network of this length.
fn first_of(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(length.into())).unwrap_or(0);
            IpAddr::V4((u32::from(address) & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(length.into())).unwrap_or(0);
            IpAddr::V6((u128::from(address) & mask).into())
        }
    }
}

#[cfg(test)]
mod tests;
