//! `mac`: the sender's hardware address.

use crate::{Field, Step, Values};

use super::{Match, Reading, field};

pub(super) const MAC: Match = Match { options: &["--mac-source"], read };

fn read(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        if option.name != "--mac-source" {
            return None;
        }
        field(steps, Field::SourceMac, Values::one(mac(option.value()?)?.into()), option.negated);
    }
    Some(())
}

/// Six bytes with colons, as a number of 48 bits.
pub(in crate::iptables) fn mac(text: &str) -> Option<u64> {
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() != 6 {
        return None;
    }
    parts.iter().try_fold(0, |all, part| Some(all << 8 | u64::from(u8::from_str_radix(part, 16).ok()?)))
}
