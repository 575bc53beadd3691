//! `iprange`: addresses from one to another.

use crate::iptables::value;
use crate::{Field, Step, Values};

use super::{Match, Reading, field};

pub(super) const IPRANGE: Match = Match { options: &["--src-range", "--dst-range"], read };

fn read(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        let which = match option.name {
            "--src-range" => Field::Source,
            "--dst-range" => Field::Destination,
            _ => return None,
        };
        let range = value::address_range(option.value()?, reading.family)?;
        field(steps, which, Values::ranges([range]), option.negated);
    }
    Some(())
}
