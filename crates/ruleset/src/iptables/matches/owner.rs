//! `owner`: the user or group of the sending socket, by number.
//!
//! Negated it is opaque: it then also holds where there is no socket, which a test of a field can't say.

use crate::iptables::value;
use crate::{Field, Step, Values};

use super::{Match, Reading, field};

pub(super) const OWNER: Match =
    Match { options: &["--uid-owner", "--gid-owner", "--socket-exists", "--suppl-groups"], read };

fn read(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        let which = match option.name {
            "--uid-owner" => Field::Uid,
            "--gid-owner" => Field::Gid,
            _ => return None,
        };
        if option.negated {
            return None;
        }
        let range = value::range(option.value()?, '-', u32::MAX.into())?;
        field(steps, which, Values::ranges([range]), false);
    }
    Some(())
}
