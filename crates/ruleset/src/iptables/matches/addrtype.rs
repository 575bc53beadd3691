//! `addrtype`: what an address is to this host. Limited to one interface it is opaque.

use crate::iptables::value;
use crate::{Field, Step, Values};

use super::{Match, Reading, field};

pub(super) const ADDRTYPE: Match =
    Match { options: &["--src-type", "--dst-type", "--limit-iface-in", "--limit-iface-out"], read };

/// Names of the kernel's RTN_* numbers, which begin at 0.
pub(in crate::iptables) const TYPES: [&str; 12] = [
    "UNSPEC",
    "UNICAST",
    "LOCAL",
    "BROADCAST",
    "ANYCAST",
    "MULTICAST",
    "BLACKHOLE",
    "UNREACHABLE",
    "PROHIBIT",
    "THROW",
    "NAT",
    "XRESOLVE",
];

fn read(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        let which = match option.name {
            "--src-type" => Field::SourceType,
            "--dst-type" => Field::DestinationType,
            _ => return None,
        };
        let bits = value::bits_of(option.value()?, |name| {
            let number = TYPES.iter().position(|known| known.eq_ignore_ascii_case(name))?;
            Some(1 << number)
        })?;
        field(steps, which, Values::AnyBit(bits.into()), option.negated);
    }
    Some(())
}
