//! `icmp` and `icmp6`: type and code, by number or name.

use crate::iptables::value;
use crate::{Field, Range, Step, Test, Values};

use super::{Match, Reading, field, needs_protocol};

pub(super) const ICMP: Match = Match {
    options: &["--icmp-type"],
    read: |reading, steps| {
        needs_protocol(reading, 1, steps);
        read(reading, "--icmp-type", V4, steps)
    },
};

pub(super) const ICMP6: Match = Match {
    options: &["--icmpv6-type"],
    read: |reading, steps| {
        needs_protocol(reading, 58, steps);
        read(reading, "--icmpv6-type", V6, steps)
    },
};

fn read(reading: Reading<'_, '_>, name: &str, names: &[Named], steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        if option.name != name {
            return None;
        }
        let (kind, code) = kind_and_code(option.value()?, names)?;
        // In v4 the type 255 means any, whatever the code (`icmp_type_code_match` in the kernel).
        if kind == 255 && name == "--icmp-type" {
            if option.negated {
                field(steps, Field::IcmpType, Values::ranges([Range { first: 0, last: 255 }]), true);
            }
            continue;
        }
        let kind = |negated| (Field::IcmpType, Values::one(kind.into()), negated);
        let code = |negated| code.map(|code| (Field::IcmpCode, Values::one(code.into()), negated));
        let test = |(field, values, negated)| Test::Field { field, values, negated };
        match code(option.negated) {
            Some(code) if option.negated => {
                steps.push(Step::Test(Test::Any(vec![test(kind(true)), test(code)])));
            }
            code => {
                steps.push(Step::Test(test(kind(option.negated))));
                steps.extend(code.map(|code| Step::Test(test(code))));
            }
        }
    }
    Some(())
}

fn kind_and_code(text: &str, names: &[Named]) -> Option<(u8, Option<u8>)> {
    if let Some((_, kind, code)) = names.iter().find(|(name, ..)| name.eq_ignore_ascii_case(text)) {
        return Some((*kind, *code));
    }
    let byte = |text: &str| u8::try_from(value::number(text)?).ok();
    match text.split_once('/') {
        None => Some((byte(text)?, None)),
        Some((kind, code)) => Some((byte(kind)?, Some(byte(code)?))),
    }
}

/// Name, type, code.
type Named = (&'static str, u8, Option<u8>);

/// As in libipt_icmp of iptables.
const V4: &[Named] = &[
    ("any", 255, None),
    ("echo-reply", 0, None),
    ("pong", 0, None),
    ("destination-unreachable", 3, None),
    ("network-unreachable", 3, Some(0)),
    ("host-unreachable", 3, Some(1)),
    ("protocol-unreachable", 3, Some(2)),
    ("port-unreachable", 3, Some(3)),
    ("fragmentation-needed", 3, Some(4)),
    ("source-route-failed", 3, Some(5)),
    ("network-unknown", 3, Some(6)),
    ("host-unknown", 3, Some(7)),
    ("network-prohibited", 3, Some(9)),
    ("host-prohibited", 3, Some(10)),
    ("TOS-network-unreachable", 3, Some(11)),
    ("TOS-host-unreachable", 3, Some(12)),
    ("communication-prohibited", 3, Some(13)),
    ("host-precedence-violation", 3, Some(14)),
    ("precedence-cutoff", 3, Some(15)),
    ("source-quench", 4, None),
    ("redirect", 5, None),
    ("network-redirect", 5, Some(0)),
    ("host-redirect", 5, Some(1)),
    ("TOS-network-redirect", 5, Some(2)),
    ("TOS-host-redirect", 5, Some(3)),
    ("echo-request", 8, None),
    ("ping", 8, None),
    ("router-advertisement", 9, None),
    ("router-solicitation", 10, None),
    ("time-exceeded", 11, None),
    ("ttl-exceeded", 11, None),
    ("ttl-zero-during-transit", 11, Some(0)),
    ("ttl-zero-during-reassembly", 11, Some(1)),
    ("parameter-problem", 12, None),
    ("ip-header-bad", 12, Some(0)),
    ("required-option-missing", 12, Some(1)),
    ("timestamp-request", 13, None),
    ("timestamp-reply", 14, None),
    ("address-mask-request", 17, None),
    ("address-mask-reply", 18, None),
];

/// As in libip6t_icmp6 of iptables.
const V6: &[Named] = &[
    ("destination-unreachable", 1, None),
    ("no-route", 1, Some(0)),
    ("communication-prohibited", 1, Some(1)),
    ("beyond-scope", 1, Some(2)),
    ("address-unreachable", 1, Some(3)),
    ("port-unreachable", 1, Some(4)),
    ("failed-policy", 1, Some(5)),
    ("reject-route", 1, Some(6)),
    ("packet-too-big", 2, None),
    ("time-exceeded", 3, None),
    ("ttl-exceeded", 3, None),
    ("ttl-zero-during-transit", 3, Some(0)),
    ("ttl-zero-during-reassembly", 3, Some(1)),
    ("parameter-problem", 4, None),
    ("bad-header", 4, Some(0)),
    ("unknown-header-type", 4, Some(1)),
    ("unknown-option", 4, Some(2)),
    ("echo-request", 128, None),
    ("ping", 128, None),
    ("echo-reply", 129, None),
    ("pong", 129, None),
    ("router-solicitation", 133, None),
    ("router-advertisement", 134, None),
    ("neighbour-solicitation", 135, None),
    ("neighbor-solicitation", 135, None),
    ("neighbour-advertisement", 136, None),
    ("neighbor-advertisement", 136, None),
    ("redirect", 137, None),
];

/// The name of a type, or of a type with a code, for people. `code` is `Some(None)` for several codes.
pub(crate) fn icmp_name(kind: u8, code: Option<Option<u8>>, is_v6: bool) -> Option<&'static str> {
    let names = if is_v6 { V6 } else { V4 };
    let is_meant = |named: &&Named| {
        named.1 == kind
            && match code {
                None => named.2.is_none(),
                Some(code) => code.is_some() && named.2 == code,
            }
    };
    names.iter().find(is_meant).map(|(name, ..)| *name)
}

/// Type and code of a name, or of `type/code` in numbers.
pub(crate) fn icmp_number(text: &str, is_v6: bool) -> Option<(u8, Option<u8>)> {
    kind_and_code(text, if is_v6 { V6 } else { V4 })
}
