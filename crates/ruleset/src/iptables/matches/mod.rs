//! The matches of iptables, one file each: which options they know and what those mean.
//!
//! A match whose options are not all understood is opaque as a whole: half a match would be a wider rule.

mod addrtype;
mod bits;
mod conntrack;
mod icmp;
mod iprange;
mod mac;
mod mark;
mod multiport;
mod owner;
mod pkttype;
mod ports;
mod set;
mod tcp;

use crate::{Family, Field, Step, Test, Values};

use super::given::Options;

pub(super) use addrtype::TYPES as ADDRESS_TYPES;
pub(crate) use icmp::{icmp_name, icmp_number};
pub(super) use tcp::FLAGS as TCP_FLAGS;

/// What a match is read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'r, 'a> {
    /// Of the table.
    pub family: Family,
    /// The rule's `-p`: its number and whether it is negated.
    pub protocol: Option<(u8, bool)>,
    /// Its options.
    pub options: Options<'r, 'a>,
}

/// A match that is understood.
struct Match {
    /// Options that it knows.
    options: &'static [&'static str],
    /// Adds its tests. `None`: something in it isn't understood.
    read: fn(Reading<'_, '_>, &mut Vec<Step>) -> Option<()>,
}

/// The match of this name.
fn find(name: &str) -> Option<&'static Match> {
    Some(match name {
        "tcp" => &tcp::TCP,
        "udp" => &ports::UDP,
        "udplite" => &ports::UDPLITE,
        "sctp" => &ports::SCTP,
        "dccp" => &ports::DCCP,
        "multiport" => &multiport::MULTIPORT,
        "conntrack" => &conntrack::CONNTRACK,
        "state" => &conntrack::STATE,
        "icmp" => &icmp::ICMP,
        "icmp6" | "icmpv6" => &icmp::ICMP6,
        "iprange" => &iprange::IPRANGE,
        "mark" => &mark::MARK,
        "connmark" => &mark::CONNMARK,
        "addrtype" => &addrtype::ADDRTYPE,
        "mac" => &mac::MAC,
        "pkttype" => &pkttype::PKTTYPE,
        "dscp" => &bits::DSCP,
        "tos" => &bits::TOS,
        "ttl" => &bits::TTL,
        "hl" => &bits::HL,
        "length" => &bits::LENGTH,
        "set" => &set::SET,
        "owner" => &owner::OWNER,
        "comment" => &COMMENT,
        _ => return None,
    })
}

/// It tests nothing; its text becomes the rule's comment.
const COMMENT: Match = Match { options: &["--comment"], read: |_, _| Some(()) };

/// Does the match of this name know this option?
pub(super) fn knows(name: &str, option: &str) -> bool {
    find(name).is_some_and(|found| found.options.contains(&option))
}

/// Reads a match. `None`: it is opaque.
pub(super) fn read(name: &str, reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    (find(name)?.read)(reading, steps)
}

/// The match that a protocol brings without being called.
pub(super) fn of_protocol(protocol: u8) -> Option<&'static str> {
    Some(match protocol {
        6 => "tcp",
        17 => "udp",
        136 => "udplite",
        132 => "sctp",
        33 => "dccp",
        1 => "icmp",
        58 => "icmp6",
        _ => return None,
    })
}

/// Adds a test of a field.
fn field(steps: &mut Vec<Step>, field: Field, values: Values, negated: bool) {
    steps.push(Step::Test(Test::Field { field, values, negated }));
}

/// A match of one protocol holds for no other one, even where the rule forgot `-p`.
fn needs_protocol(reading: Reading<'_, '_>, protocol: u8, steps: &mut Vec<Step>) {
    if reading.protocol != Some((protocol, false)) {
        field(steps, Field::Protocol, Values::one(protocol.into()), false);
    }
}
