//! `multiport`: lists of ports. `--ports` holds if either port is in the list.

use crate::iptables::value;
use crate::{Field, Range, Step, Test, Values};

use super::{Match, Reading, field};

pub(super) const MULTIPORT: Match =
    Match { options: &["--sports", "--source-ports", "--dports", "--destination-ports", "--ports"], read };

fn read(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        let ranges: Vec<Range> = option.value()?.split(',').map(value::ports).collect::<Option<_>>()?;
        let values = Values::ranges(ranges);
        let negated = option.negated;
        match option.name {
            "--sports" | "--source-ports" => field(steps, Field::SourcePort, values, negated),
            "--dports" | "--destination-ports" => field(steps, Field::DestinationPort, values, negated),
            "--ports" if negated => {
                field(steps, Field::SourcePort, values.clone(), true);
                field(steps, Field::DestinationPort, values, true);
            }
            "--ports" => {
                let one = |field| Test::Field { field, values: values.clone(), negated: false };
                let either = vec![one(Field::SourcePort), one(Field::DestinationPort)];
                steps.push(Step::Test(Test::Any(either)));
            }
            _ => return None,
        }
    }
    Some(())
}
