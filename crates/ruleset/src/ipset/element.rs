//! One element of a set: its parts, and whether a packet's values are among them.

use std::net::IpAddr;

use crate::iptables::{icmp_number, protocol_number};

use super::Seen;

/// One part of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A network; a single address has all its bits.
    Network(IpAddr, u8),
    /// From one address to another.
    Addresses(IpAddr, IpAddr),
    /// Ports of a protocol; `None` for a set whose ports have none (`bitmap:port`).
    Ports(Option<u8>, u16, u16),
    /// An interface, or the beginning of one (`wildcard`).
    Interface(String, bool),
    /// A hardware address; `None` holds for any.
    Mac(Option<u64>),
    /// A mark.
    Mark(u32),
}

/// An element as `ipset save` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// Its parts, one for each of the set's type.
    pub parts: Vec<Part>,
    /// An exception: what falls under it is not in the set.
    pub is_nomatch: bool,
}

/// Reads an element. `kinds` are the parts of the set's type: `ip`, `net`, `port`, `iface`, `mac`, `mark`.
pub(super) fn read(text: &str, kinds: &[&str]) -> Option<Element> {
    let mut words = text.split(' ');
    let mut fields = words.next()?.split(',');
    let mut options = words.collect::<Vec<_>>();
    // A comment may hold any words.
    if let Some(comment) = options.iter().position(|word| *word == "comment") {
        options.truncate(comment);
    }
    let is_wildcard = options.contains(&"wildcard");
    let mut parts = Vec::with_capacity(kinds.len());
    for kind in kinds {
        parts.push(match (*kind, fields.next()) {
            ("ip" | "net", Some(text)) => address(text)?,
            ("port", Some(text)) => ports(text, kinds.len() > 1)?,
            ("iface", Some(text)) if text.starts_with("physdev:") => return None,
            ("iface", Some(text)) => Part::Interface(text.to_owned(), is_wildcard),
            ("mac", Some(text)) => Part::Mac(Some(mac(text)?)),
            // `bitmap:ip,mac` takes any sender until it has seen one.
            ("mac", None) => Part::Mac(None),
            ("mark", Some(text)) => Part::Mark(mark(text)?),
            _ => return None,
        });
    }
    fields.next().is_none().then(|| Element { parts, is_nomatch: options.contains(&"nomatch") })
}

/// `address`, `address/length` or `first-last`.
fn address(text: &str) -> Option<Part> {
    if let Some((first, last)) = text.split_once('-') {
        return Some(Part::Addresses(first.parse().ok()?, last.parse().ok()?));
    }
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length.parse().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let all = if address.is_ipv4() { 32 } else { 128 };
    let length = length.unwrap_or(all);
    (length <= all).then_some(Part::Network(address, length))
}

/// `tcp:80`, `80` (TCP), `udp:1000-2000`, `icmp:8/0`.
fn ports(text: &str, has_protocol: bool) -> Option<Part> {
    let (protocol, text) = match text.split_once(':') {
        Some((protocol, text)) => (Some(protocol_number(protocol)?), text),
        None => (has_protocol.then_some(6), text),
    };
    if matches!(protocol, Some(1 | 58)) {
        let (kind, code) = icmp_number(text, protocol == Some(58))?;
        let both = u16::from_be_bytes([kind, code.unwrap_or(0)]);
        return Some(Part::Ports(protocol, both, both));
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(Part::Ports(protocol, first.parse().ok()?, last.parse().ok()?))
}

fn mac(text: &str) -> Option<u64> {
    let mut bytes = text.split(':').map(|part| u8::from_str_radix(part, 16));
    let number = (0..6).try_fold(0, |all, _| Some(all << 8 | u64::from(bytes.next()?.ok()?)))?;
    bytes.next().is_none().then_some(number)
}

fn mark(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

impl Part {
    /// Is what was seen in a packet among this? `None`: that isn't known.
    pub fn has(&self, seen: &Seen) -> Option<bool> {
        Some(match (self, seen) {
            (_, Seen::Unknown) => return None,
            (Self::Network(network, length), Seen::Address(address)) => is_in(*address, *network, *length),
            (Self::Addresses(first, last), Seen::Address(address)) => {
                first.is_ipv4() == address.is_ipv4() && (first..=last).contains(&address)
            }
            (Self::Ports(protocol, first, last), Seen::Port { protocol: seen, port }) => {
                protocol.is_none_or(|protocol| protocol == *seen) && (first..=last).contains(&port)
            }
            (Self::Interface(name, false), Seen::Interface(seen)) => name == seen,
            (Self::Interface(start, true), Seen::Interface(seen)) => seen.starts_with(start),
            (Self::Mac(None), _) => true,
            (Self::Mac(Some(mac)), Seen::Mac(seen)) => mac == seen,
            (Self::Mark(mark), Seen::Mark(seen)) => mark == seen,
            _ => false,
        })
    }

    /// How many bits of an address it fixes: of several networks the narrowest one decides.
    pub fn length(&self) -> u8 {
        match self {
            Self::Network(_, length) => *length,
            _ => u8::MAX,
        }
    }
}

/// Is the address in the network?
pub(super) fn is_in(address: IpAddr, network: IpAddr, length: u8) -> bool {
    let shift = |bits: u32| bits.saturating_sub(length.into());
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let differ = u32::from(address) ^ u32::from(network);
            differ.checked_shr(shift(32)).unwrap_or(0) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let differ = u128::from(address) ^ u128::from(network);
            differ.checked_shr(shift(128)).unwrap_or(0) == 0
        }
        _ => false,
    }
}
