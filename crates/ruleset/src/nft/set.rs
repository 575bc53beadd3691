//! Elements of the kernel's sets: bytes to values.

use super::kind::Kind;
use super::machine::number;
use crate::{Name, Range, Values};

/// A part of a set's key, by nft's number of its data type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// nft's name of the type.
    pub name: &'static str,
    /// How its numbers are written; `None`: its byte order is not known.
    pub kind: Option<Kind>,
    /// Bytes.
    pub length: usize,
    /// Is its number in host byte order (except in interval sets)?
    pub is_host_order: bool,
}

/// nft's data types (`enum datatypes`).
fn part(number: u32) -> Option<Part> {
    let (name, kind, length, is_host_order) = match number {
        2 => ("nf_proto", Kind::Version, 1, true),
        7 => ("ipv4_addr", Kind::Ipv4, 4, false),
        8 => ("ipv6_addr", Kind::Ipv6, 16, false),
        9 => ("ether_addr", Kind::Ether, 6, false),
        10 => ("ether_type", Kind::EtherType, 2, false),
        12 => ("inet_proto", Kind::Protocol, 1, false),
        13 => ("inet_service", Kind::Port, 2, false),
        14 => ("icmp_type", Kind::Icmp, 1, false),
        15 => ("tcp_flag", Kind::TcpFlags, 1, false),
        19 => ("mark", Kind::Hex, 4, true),
        24 => ("uid", Kind::Integer, 4, true),
        25 => ("gid", Kind::Integer, 4, true),
        26 => ("ct_state", Kind::CtState, 4, true),
        27 => ("ct_dir", Kind::CtDirection, 1, true),
        28 => ("ct_status", Kind::CtStatus, 4, true),
        29 => ("icmpv6_type", Kind::Icmpv6, 1, false),
        31 => ("pkt_type", Kind::PacketType, 1, true),
        32 => ("icmp_code", Kind::Integer, 1, false),
        33 => ("icmpv6_code", Kind::Integer, 1, false),
        35 => ("devgroup", Kind::Integer, 4, true),
        36 => ("dscp", Kind::Dscp, 1, false),
        38 => ("fib_addrtype", Kind::AddressType, 4, true),
        41 => ("ifname", Kind::Interface, 16, true),
        _ => return None,
    };
    Some(Part { name, kind: Some(kind), length, is_host_order })
}

/// The parts of a key by its type number (6 bits for each part) and length.
pub fn parts(mut number: u32, length: usize) -> Vec<Part> {
    let unknown = |length| vec![Part { name: "integer", kind: None, length, is_host_order: true }];
    if number == 0 {
        return unknown(length);
    }
    let mut found = Vec::new();
    while number != 0 {
        match part(number & 0x3f) {
            Some(part) => found.push(part),
            None => return unknown(length),
        }
        number >>= 6;
    }
    found.reverse();
    let padded = |part: &Part| if found.len() == 1 { part.length } else { part.length.next_multiple_of(4) };
    if found.iter().map(padded).sum::<usize>() == length { found } else { unknown(length) }
}

/// The values of one element; `None` if a part is not understood. `last` for an interval, included.
pub fn values(parts: &[Part], first: &[u8], last: Option<&[u8]>, is_interval: bool) -> Option<Vec<Values>> {
    let mut at = 0;
    let mut found = Vec::with_capacity(parts.len());
    for part in parts {
        let bytes = first.get(at..at + part.length)?;
        let end = match last {
            Some(last) => last.get(at..at + part.length)?,
            None => bytes,
        };
        at += if parts.len() == 1 { part.length } else { part.length.next_multiple_of(4) };
        if part.kind? == Kind::Interface {
            found.push(Values::Names(vec![name(bytes, end)?]));
            continue;
        }
        // nft turns numbers round before it asks an interval set.
        let is_host_order = part.is_host_order && !is_interval;
        let range = Range { first: number(bytes, is_host_order), last: number(end, is_host_order) };
        found.push(Values::Ranges(vec![range]));
    }
    Some(found)
}

/// An interface's name, or in an interval all that begin so.
fn name(first: &[u8], last: &[u8]) -> Option<Name> {
    let end = first.iter().position(|byte| *byte == 0).unwrap_or(first.len());
    let text = crate::iptables::from_bytes(&first[..end]).into_owned();
    if first == last {
        return Some(Name { text, is_prefix: false });
    }
    let is_prefix = first[end..].iter().all(|byte| *byte == 0)
        && last.starts_with(&first[..end])
        && last[end..].iter().all(|byte| *byte == 0xff);
    is_prefix.then_some(Name { text, is_prefix: true })
}

/// What every value of every part has: an element that catches all.
pub fn everything(parts: &[Part]) -> Vec<Values> {
    parts
        .iter()
        .map(|part| match part.kind {
            Some(Kind::Interface) => Values::Names(vec![Name { text: String::new(), is_prefix: true }]),
            _ => Values::Ranges(vec![Range { first: 0, last: u128::MAX }]),
        })
        .collect()
}
