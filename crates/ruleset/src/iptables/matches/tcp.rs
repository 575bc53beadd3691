//! `tcp`: ports and flags.

use crate::iptables::value;
use crate::{Field, Step};

use super::{Match, Reading, field, needs_protocol, ports};

pub(super) const TCP: Match = Match {
    options: &[
        ports::OPTIONS[0],
        ports::OPTIONS[1],
        ports::OPTIONS[2],
        ports::OPTIONS[3],
        "--tcp-flags",
        "--syn",
        "--tcp-option",
    ],
    read,
};

/// The six flags of the kernel's `tcp` match, in the order in which they are printed.
pub(in crate::iptables) const FLAGS: [(&str, u128); 6] =
    [("FIN", 0x01), ("SYN", 0x02), ("RST", 0x04), ("PSH", 0x08), ("ACK", 0x10), ("URG", 0x20)];

/// All of them.
const ALL: u32 = 0x3f;

fn read(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    needs_protocol(reading, 6, steps);
    for option in reading.options.iter() {
        let (mask, value) = match (option.name, option.values) {
            ("--tcp-flags", [mask, value]) => (flags(&mask.text)?, flags(&value.text)?),
            ("--syn", []) => (0x17, 0x02),
            _ => {
                ports::port(&option, steps)?;
                continue;
            }
        };
        let values = value::masked(value.into(), mask.into(), ALL.into());
        field(steps, Field::TcpFlags, values, option.negated);
    }
    Some(())
}

fn flags(text: &str) -> Option<u32> {
    value::bits_of(text, |name| match name {
        "ALL" => Some(ALL),
        "NONE" => Some(0),
        _ => {
            let (_, bit) = FLAGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
            u32::try_from(*bit).ok()
        }
    })
}
