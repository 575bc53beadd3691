//! `mark` and `connmark`: marks of the packet and of the connection.

use crate::iptables::value;
use crate::{Field, Step};

use super::{Match, Reading, field};

pub(super) const MARK: Match =
    Match { options: &["--mark"], read: |reading, steps| read(reading, Field::Mark, steps) };
pub(super) const CONNMARK: Match =
    Match { options: &["--mark"], read: |reading, steps| read(reading, Field::CtMark, steps) };

fn read(reading: Reading<'_, '_>, which: Field, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        if option.name != "--mark" {
            return None;
        }
        let (mark, mask) = value::mark(option.value()?)?;
        let values = value::masked(mark.into(), mask.into(), u32::MAX.into());
        field(steps, which, values, option.negated);
    }
    Some(())
}
