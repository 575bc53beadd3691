//! `dscp`, `tos`, `ttl`, `hl`, `length`: numbers of the IP header.

use crate::iptables::value;
use crate::{Field, Range, Step, Values};

use super::{Match, Reading, field};

pub(super) const DSCP: Match = Match { options: &["--dscp", "--dscp-class"], read: dscp };
pub(super) const TOS: Match = Match { options: &["--tos"], read: tos };
pub(super) const TTL: Match = Match { options: &["--ttl-eq", "--ttl", "--ttl-lt", "--ttl-gt"], read: ttl };
pub(super) const HL: Match = Match { options: &["--hl-eq", "--hl", "--hl-lt", "--hl-gt"], read: ttl };
pub(super) const LENGTH: Match = Match { options: &["--length"], read: length };

fn dscp(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        let number = match option.name {
            "--dscp" => value::number_up_to(option.value()?, 63)?,
            "--dscp-class" => class(option.value()?)?,
            _ => return None,
        };
        field(steps, Field::Dscp, Values::one(number.into()), option.negated);
    }
    Some(())
}

/// The number of a DiffServ class: BE, EF, CS0 to CS7, AF11 to AF43.
fn class(name: &str) -> Option<u64> {
    let name = name.to_ascii_uppercase();
    let digits = name.get(2..)?.as_bytes();
    match (name.get(..2)?, digits) {
        ("BE", []) => Some(0),
        ("EF", []) => Some(0x2e),
        ("CS", [digit @ b'0'..=b'7']) => Some(u64::from(digit - b'0') << 3),
        ("AF", [class @ b'1'..=b'4', drop @ b'1'..=b'3']) => {
            Some(u64::from(class - b'0') << 3 | u64::from(drop - b'0') << 1)
        }
        _ => None,
    }
}

fn tos(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        if option.name != "--tos" {
            return None;
        }
        let text = option.value()?;
        let (number, mask) = match text {
            // By name the kernel looks at the six bits in the middle only.
            "Minimize-Delay" => (0x10, 0x3f),
            "Maximize-Throughput" => (0x08, 0x3f),
            "Maximize-Reliability" => (0x04, 0x3f),
            "Minimize-Cost" => (0x02, 0x3f),
            "Normal-Service" => (0x00, 0x3f),
            _ => value::value_and_mask(text, 255)?,
        };
        field(steps, Field::Tos, value::masked(number.into(), mask.into(), 255), option.negated);
    }
    Some(())
}

fn ttl(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        let number = u128::from(value::number_up_to(option.value()?, 255)?);
        let values = match option.name {
            "--ttl-eq" | "--ttl" | "--hl-eq" | "--hl" => Values::one(number),
            "--ttl-lt" | "--hl-lt" if number == 0 => Values::Ranges(Vec::new()),
            "--ttl-lt" | "--hl-lt" => Values::ranges([Range { first: 0, last: number - 1 }]),
            "--ttl-gt" | "--hl-gt" => Values::ranges([Range { first: number + 1, last: 255 }]),
            _ => return None,
        };
        field(steps, Field::Ttl, values, option.negated);
    }
    Some(())
}

fn length(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        if option.name != "--length" {
            return None;
        }
        let range = value::range(option.value()?, ':', 65_535)?;
        field(steps, Field::Length, Values::ranges([range]), option.negated);
    }
    Some(())
}
