//! `conntrack` and its older form `state`: what the kernel knows about the flow.
//!
//! As `conntrack_mt` in the kernel: of a packet without a flow (INVALID, UNTRACKED) only the state is looked at, if
//! there is a state to look at; whatever else the match says then holds.

use crate::iptables::{protocol, value};
use crate::{Field, Step, Test, Values};

use super::{Match, Reading};

pub(super) const CONNTRACK: Match = Match {
    options: &[
        "--ctstate",
        "--ctproto",
        "--ctorigsrc",
        "--ctorigdst",
        "--ctreplsrc",
        "--ctrepldst",
        "--ctorigsrcport",
        "--ctorigdstport",
        "--ctreplsrcport",
        "--ctrepldstport",
        "--ctstatus",
        "--ctexpire",
        "--ctdir",
    ],
    read: conntrack,
};

pub(super) const STATE: Match = Match { options: &["--state"], read: state };

/// The states of packets that belong to no flow: INVALID and UNTRACKED.
const WITHOUT_FLOW: u128 = 1 | 64;

fn state(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        if option.name != "--state" {
            return None;
        }
        let (bits, status) = states(option.value()?)?;
        if status != 0 {
            return None;
        }
        of_state(steps, (bits, 0), option.negated);
    }
    Some(())
}

fn conntrack(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    let mut may_lack_flow = false;
    for option in reading.options.iter().filter(|option| option.name == "--ctstate") {
        let (bits, _) = states(option.value()?)?;
        let allowed = if option.negated { !u128::from(bits) } else { u128::from(bits) };
        may_lack_flow = allowed & WITHOUT_FLOW != 0;
    }
    for option in reading.options.iter() {
        let value = option.value()?;
        if option.name == "--ctstate" {
            of_state(steps, states(value)?, option.negated);
            continue;
        }
        let (field, values) = of_flow(option.name, value, &reading)?;
        let test = Test::Field { field, values, negated: option.negated };
        steps.push(Step::Test(if may_lack_flow { Test::Any(vec![without_flow(), test]) } else { test }));
    }
    Some(())
}

/// A test of what only a flow has.
fn of_flow(option: &str, value: &str, reading: &Reading<'_, '_>) -> Option<(Field, Values)> {
    let address = |field| Some((field, value::networks(value, reading.family)?));
    let port = |field| Some((field, Values::ranges([value::ports(value)?])));
    match option {
        "--ctproto" => {
            let number = protocol::protocol_number(value)?;
            Some((Field::CtProtocol, Values::one(number.into())))
        }
        "--ctorigsrc" => address(Field::CtOriginalSource),
        "--ctorigdst" => address(Field::CtOriginalDestination),
        "--ctreplsrc" => address(Field::CtReplySource),
        "--ctrepldst" => address(Field::CtReplyDestination),
        "--ctorigsrcport" => port(Field::CtOriginalSourcePort),
        "--ctorigdstport" => port(Field::CtOriginalDestinationPort),
        "--ctreplsrcport" => port(Field::CtReplySourcePort),
        "--ctrepldstport" => port(Field::CtReplyDestinationPort),
        "--ctstatus" => Some((Field::CtStatus, Values::AnyBit(statuses(value)?.into()))),
        "--ctdir" => match value.to_ascii_uppercase().as_str() {
            "ORIGINAL" => Some((Field::CtDirection, Values::one(0))),
            "REPLY" => Some((Field::CtDirection, Values::one(1))),
            _ => None,
        },
        _ => None,
    }
}

/// The state is one of these, or the flow is translated (`SNAT`, `DNAT`); or none of that.
fn of_state(steps: &mut Vec<Step>, (bits, status): (u32, u32), negated: bool) {
    let is_state = Test::Field { field: Field::CtState, values: Values::AnyBit(bits.into()), negated };
    let is_translated =
        Test::Field { field: Field::CtStatus, values: Values::AnyBit(status.into()), negated };
    match (bits, status, negated) {
        (_, 0, _) => steps.push(Step::Test(is_state)),
        (0, _, false) => steps.push(Step::Test(is_translated)),
        (_, _, false) => steps.push(Step::Test(Test::Any(vec![is_state, is_translated]))),
        (_, _, true) => {
            if bits != 0 {
                steps.push(Step::Test(is_state));
            }
            // What belongs to no flow is not translated either.
            steps.push(Step::Test(Test::Any(vec![without_flow(), is_translated])));
        }
    }
}

fn without_flow() -> Test {
    Test::Field { field: Field::CtState, values: Values::AnyBit(WITHOUT_FLOW), negated: false }
}

/// Bits of the state, and bits of the status for the virtual states.
fn states(text: &str) -> Option<(u32, u32)> {
    let mut status = 0;
    let bits = value::bits_of(text, |name| {
        Some(match name.to_ascii_uppercase().as_str() {
            "INVALID" => 1,
            "ESTABLISHED" => 2,
            "RELATED" => 4,
            "NEW" => 8,
            "UNTRACKED" => 64,
            "SNAT" => {
                status |= 16;
                0
            }
            "DNAT" => {
                status |= 32;
                0
            }
            _ => return None,
        })
    })?;
    Some((bits, status))
}

fn statuses(text: &str) -> Option<u32> {
    value::bits_of(text, |name| {
        Some(match name.to_ascii_uppercase().as_str() {
            "NONE" => 0,
            "EXPECTED" => 1,
            "SEEN_REPLY" => 2,
            "ASSURED" => 4,
            "CONFIRMED" => 8,
            _ => return None,
        })
    })
}
