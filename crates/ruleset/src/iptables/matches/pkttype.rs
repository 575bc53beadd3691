//! `pkttype`: how the link layer delivered the packet.

use crate::{Field, Step, Values};

use super::{Match, Reading, field};

pub(super) const PKTTYPE: Match = Match { options: &["--pkt-type"], read };

fn read(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        if option.name != "--pkt-type" {
            return None;
        }
        let number = match option.value()? {
            "unicast" | "host" => 0,
            "broadcast" | "bcast" => 1,
            "multicast" | "mcast" => 2,
            _ => return None,
        };
        field(steps, Field::PacketType, Values::one(number), option.negated);
    }
    Some(())
}
