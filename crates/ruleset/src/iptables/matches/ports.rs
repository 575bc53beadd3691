//! `udp`, `udplite`, `sctp`, `dccp`: source and destination ports.

use crate::iptables::given::Entry;
use crate::iptables::value;
use crate::{Field, Step, Values};

use super::{Match, Reading, field, needs_protocol};

/// The options of ports, which `tcp` has too.
pub(super) const OPTIONS: [&str; 4] = ["--sport", "--source-port", "--dport", "--destination-port"];

pub(super) const UDP: Match = Match { options: &OPTIONS, read: |reading, steps| read(reading, 17, steps) };
pub(super) const UDPLITE: Match =
    Match { options: &OPTIONS, read: |reading, steps| read(reading, 136, steps) };
pub(super) const SCTP: Match = Match {
    options: &[OPTIONS[0], OPTIONS[1], OPTIONS[2], OPTIONS[3], "--chunk-types"],
    read: |reading, steps| read(reading, 132, steps),
};
pub(super) const DCCP: Match = Match {
    options: &[OPTIONS[0], OPTIONS[1], OPTIONS[2], OPTIONS[3], "--dccp-types", "--dccp-option"],
    read: |reading, steps| read(reading, 33, steps),
};

fn read(reading: Reading<'_, '_>, protocol: u8, steps: &mut Vec<Step>) -> Option<()> {
    needs_protocol(reading, protocol, steps);
    for option in reading.options.iter() {
        port(&option, steps)?;
    }
    Some(())
}

/// One option of a port.
pub(super) fn port(option: &Entry<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    let which = match option.name {
        "--sport" | "--source-port" => Field::SourcePort,
        "--dport" | "--destination-port" => Field::DestinationPort,
        _ => return None,
    };
    // Names of services are resolved before a rule reaches the kernel; a text that still has one is not read here.
    let range = value::ports(option.value()?)?;
    field(steps, which, Values::ranges([range]), option.negated);
    Some(())
}
