//! What kind of address an address is, as `-m addrtype` and `fib daddr type` ask.

use std::net::IpAddr;

use crate::{Address, Host, Range, RouteKind, Values};

/// The number of the kernel's table of local addresses.
pub(super) const LOCAL_TABLE: u32 = 255;

/// The kernel's RTN_* kinds that an address can have without asking for a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressKind {
    /// Neither of the others.
    Unicast,
    /// Of this host.
    Local,
    /// Broadcast of one of its networks, 255.255.255.255, or 0.0.0.0/8.
    Broadcast,
    /// Multicast.
    Multicast,
}

impl AddressKind {
    /// As the one bit that [`Field::DestinationType`](crate::Field::DestinationType) has for it.
    pub fn bit(self) -> u128 {
        match self {
            Self::Unicast => 1 << 1,
            Self::Local => 1 << 2,
            Self::Broadcast => 1 << 3,
            Self::Multicast => 1 << 5,
        }
    }

    /// What can be said of an address without knowing the host; `None`: unicast, local, or broadcast of a network.
    pub fn without_host(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(v4) if v4.octets()[0] == 0 || v4.is_broadcast() => Some(Self::Broadcast),
            IpAddr::V4(v4) if v4.is_multicast() => Some(Self::Multicast),
            IpAddr::V6(v6) if v6.is_multicast() => Some(Self::Multicast),
            address if address.is_loopback() => Some(Self::Local),
            _ => None,
        }
    }
}

/// The kinds of all addresses: disjoint ranges of one version.
#[derive(Clone, Debug)]
pub(super) struct Kinds {
    pieces: Vec<(Range, AddressKind)>,
}

impl Kinds {
    pub fn of(host: &Host, version: u8) -> Self {
        let mut networks: Vec<(Address, AddressKind)> = Vec::new();
        for route in host.routes.iter().filter(|route| route.table == LOCAL_TABLE) {
            let kind = match route.kind {
                RouteKind::Local => AddressKind::Local,
                RouteKind::Broadcast => AddressKind::Broadcast,
                _ => continue,
            };
            networks.push((route.destination, kind));
        }
        for interface in &host.interfaces {
            let own = |one: &Address| (Address { prefix: full(one.address), ..*one }, AddressKind::Local);
            networks.extend(interface.addresses.iter().map(own));
        }
        networks.retain(|(network, _)| full(network.address) == full_of(version));
        // From wide to narrow, then those that no table decides, since the kernel looks at them first.
        networks.sort_by_key(|(network, _)| network.prefix);
        let mut ranges: Vec<(Range, AddressKind)> =
            networks.into_iter().map(|(network, kind)| (range_of(network), kind)).collect();
        ranges.extend(fixed(version));
        let mut pieces = vec![(Range { first: 0, last: last_of(version) }, AddressKind::Unicast)];
        for (range, kind) in ranges {
            pieces = overlaid(pieces, range, kind);
        }
        pieces.sort_by_key(|(range, _)| *range);
        Self { pieces }
    }

    pub fn at(&self, number: u128) -> AddressKind {
        let after = self.pieces.partition_point(|(range, _)| range.first <= number);
        after.checked_sub(1).map_or(AddressKind::Unicast, |at| self.pieces[at].1)
    }

    /// All addresses whose kind is wanted.
    pub fn where_kind(&self, is_wanted: impl Fn(AddressKind) -> bool) -> Values {
        Values::ranges(self.pieces.iter().filter(|(_, kind)| is_wanted(*kind)).map(|(range, _)| *range))
    }
}

fn overlaid(pieces: Vec<(Range, AddressKind)>, over: Range, kind: AddressKind) -> Vec<(Range, AddressKind)> {
    let mut new = vec![(over, kind)];
    for (piece, old) in pieces {
        if piece.first < over.first {
            new.push((Range { first: piece.first, last: piece.last.min(over.first - 1) }, old));
        }
        if piece.last > over.last {
            new.push((Range { first: piece.first.max(over.last + 1), last: piece.last }, old));
        }
    }
    new
}

fn fixed(version: u8) -> Vec<(Range, AddressKind)> {
    if version == 6 {
        return vec![(Range { first: 0xff << 120, last: u128::MAX }, AddressKind::Multicast)];
    }
    vec![
        (Range { first: 0, last: 0x00ff_ffff }, AddressKind::Broadcast),
        (Range { first: 0xe000_0000, last: 0xefff_ffff }, AddressKind::Multicast),
        (Range { first: 0xffff_ffff, last: 0xffff_ffff }, AddressKind::Broadcast),
    ]
}

fn last_of(version: u8) -> u128 {
    if version == 6 { u128::MAX } else { u128::from(u32::MAX) }
}

fn full_of(version: u8) -> u8 {
    if version == 6 { 128 } else { 32 }
}

pub(super) fn full(address: IpAddr) -> u8 {
    if address.is_ipv6() { 128 } else { 32 }
}

/// An address as a number of its own width.
pub(super) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

/// The addresses of a network.
pub(super) fn range_of(network: Address) -> Range {
    let width = u32::from(full(network.address));
    let host_bits = width.saturating_sub(u32::from(network.prefix));
    let hosts = if host_bits >= 128 { u128::MAX } else { (1 << host_bits) - 1 };
    let number = number(network.address);
    Range { first: number & !hosts, last: number | hosts }
}
