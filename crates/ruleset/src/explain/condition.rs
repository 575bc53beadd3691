//! Who a rule speaks of: its tests put together into a noun with what is said about it.

use crate::iptables::{icmp_name, protocol_name};
use crate::{Field, Step, Test, Values};

use super::single::{alone, in_set};
use super::{opaque, value};

/// The parts of "TCP of new connections from A to port B, coming in by C, if D, only while E".
#[derive(Default)]
pub(super) struct Conditions {
    protocol: Option<String>,
    state: Option<String>,
    from: Side,
    to: Side,
    by: Vec<String>,
    conditions: Vec<String>,
    opaque: Vec<String>,
}

/// One end of a packet's way.
#[derive(Default)]
struct Side {
    addresses: Vec<String>,
    ports: Vec<String>,
}

impl Side {
    /// `from port 53 of 10.0.0.1`
    fn text(&self, direction: &str) -> Option<String> {
        let addresses = self.addresses.join(" and ");
        let ports = self.ports.join(" and ");
        match (self.addresses.is_empty(), self.ports.is_empty()) {
            (true, true) => None,
            (false, true) => Some(format!("{direction} {addresses}")),
            (true, false) => Some(format!("{direction} {ports}")),
            (false, false) if addresses.starts_with("anywhere") => {
                Some(format!("{direction} {ports}, {addresses}"))
            }
            (false, false) => Some(format!("{direction} {ports} of {addresses}")),
        }
    }
}

impl Conditions {
    /// Those of some steps.
    pub fn of(steps: &[Step], version: Option<u8>) -> Self {
        let mut all = Self::default();
        let tests = || {
            steps.iter().filter_map(|step| match step {
                Step::Test(test) => Some(test),
                Step::Do(_) => None,
            })
        };
        let mut kind = None;
        let has_address =
            tests().any(|test| matches!(test, Test::Field { field: Field::Source | Field::Destination, .. }));
        let has_protocol = tests().any(|test| matches!(test, Test::Field { field: Field::Protocol, .. }));
        for test in tests() {
            match test {
                Test::Field { field: Field::Version, .. } if has_address => {}
                Test::Field { field: Field::Version, values, negated: false } if values.has(4) => {
                    all.conditions.push("it is IPv4".to_owned());
                }
                Test::Field { field: Field::IcmpType, values, negated: false } if has_protocol => {
                    kind = Some(values)
                }
                Test::Field { field: Field::IcmpCode, values, negated: false } if kind.is_some() => {
                    all.icmp(kind.take(), Some(values), version);
                }
                Test::Field { field, values, negated } => all.field(*field, values, *negated, version),
                Test::Set { set, keys, negated } => all.conditions.push(in_set(set, keys, *negated)),
                Test::Opaque { text, negated } => all.opaque.push(opaque::text(text, *negated)),
                Test::Any(any) => {
                    let words: Vec<String> = any.iter().map(|test| alone(test, version)).collect();
                    all.conditions.push(words.join(" or else "));
                }
            }
        }
        if kind.is_some() {
            all.icmp(kind, None, version);
        }
        all
    }

    /// In words.
    pub fn text(&self) -> String {
        let by = (!self.by.is_empty()).then(|| self.by.join(" and "));
        let about = [self.state.clone(), self.from.text("from"), self.to.text("to"), by];
        let mut out = self.protocol.clone().unwrap_or_else(|| "everything".to_owned());
        for part in about.iter().flatten() {
            out.push(' ');
            out.push_str(part);
        }
        if out == "everything" && self.conditions.is_empty() && self.opaque.is_empty() {
            out.push_str(" that gets here");
        }
        if !self.conditions.is_empty() {
            out.push_str(", if ");
            out.push_str(&self.conditions.join(" and "));
        }
        for opaque in &self.opaque {
            out.push_str(", ");
            out.push_str(opaque);
        }
        out
    }

    fn field(&mut self, field: Field, of: &Values, negated: bool, version: Option<u8>) {
        let but = |what: &str, any: &str| if negated { format!("{any} but {what}") } else { what.to_owned() };
        match field {
            Field::Protocol => self.protocol = Some(protocol(of, negated)),
            Field::Source => self.from.addresses.push(but(&value::addresses(of, version), "anywhere")),
            Field::Destination => self.to.addresses.push(but(&value::addresses(of, version), "anywhere")),
            Field::SourcePort => self.from.ports.push(port(of, negated)),
            Field::DestinationPort => self.to.ports.push(port(of, negated)),
            Field::InInterface => {
                self.by.push(format!("coming in by {}", but(&value::values(of, value::numbers), "anything")));
            }
            Field::OutInterface => {
                self.by.push(format!("going out by {}", but(&value::values(of, value::numbers), "anything")));
            }
            Field::CtState if self.state.is_none() => self.state = Some(state(of, negated)),
            _ => {
                let test = Test::Field { field, values: of.clone(), negated };
                self.conditions.push(alone(&test, version));
            }
        }
    }

    fn icmp(&mut self, kind: Option<&Values>, code: Option<&Values>, version: Option<u8>) {
        let one = |values: &Values| match values {
            Values::Ranges(ranges) => match ranges[..] {
                [range] if range.first == range.last => u8::try_from(range.first).ok(),
                _ => None,
            },
            _ => None,
        };
        let is_v6 = version == Some(6) || self.protocol.as_deref() == Some("ICMPv6");
        let protocol = self.protocol.clone().unwrap_or_else(|| "ICMP".to_owned());
        let Some(kind) = kind else { return };
        let name = one(kind).and_then(|number| icmp_name(number, code.map(one), is_v6));
        let text = value::values(kind, value::numbers);
        let code_text = code.map(|code| value::values(code, value::numbers));
        self.protocol = Some(match (name, code_text) {
            (Some(name), _) => format!("{protocol} {name}"),
            (None, None) => format!("{protocol} of type {text}"),
            (None, Some(code)) => format!("{protocol} of type {text} and code {code}"),
        });
    }
}

/// Protocols by name.
pub(super) fn protocol(of: &Values, negated: bool) -> String {
    let name = |range: &crate::Range| {
        let name =
            u8::try_from(range.first).ok().filter(|_| range.first == range.last).and_then(protocol_name);
        match name {
            Some("ipv6-icmp") => "ICMPv6".to_owned(),
            Some(other) => other.to_ascii_uppercase(),
            None => format!("protocol {}", value::numbers(range)),
        }
    };
    let names = value::values(of, name);
    if negated { format!("any protocol but {names}") } else { names }
}

fn port(of: &Values, negated: bool) -> String {
    let ports = value::values(of, value::numbers);
    let is_one = ports.bytes().all(|byte| byte.is_ascii_digit());
    match (negated, is_one) {
        (true, _) => format!("any port but {ports}"),
        (false, true) => format!("port {ports}"),
        (false, false) => format!("ports {ports}"),
    }
}

/// Connection states as what is said of a packet.
pub(super) fn state(of: &Values, negated: bool) -> String {
    let bits = match of {
        Values::AnyBit(bits) => *bits,
        _ => {
            let not = if negated { "not " } else { "" };
            return format!("whose connection state is {not}{}", value::values(of, value::hex));
        }
    };
    let words = |names: &[(u128, &str)]| -> String {
        let set = names.iter().filter(|(bit, _)| bits & bit != 0);
        value::list(&set.map(|(_, name)| (*name).to_owned()).collect::<Vec<_>>())
    };
    match (bits, negated) {
        (1, false) => "that connection tracking finds invalid".to_owned(),
        (64, false) => "that is not tracked".to_owned(),
        (bits, false) if bits & !14 == 0 => {
            format!("of {} connections", words(&[(8, "new"), (2, "established"), (4, "related")]))
        }
        (_, negated) => {
            let not = if negated { "not " } else { "" };
            let names = [(8, "NEW"), (2, "ESTABLISHED"), (4, "RELATED"), (1, "INVALID"), (64, "UNTRACKED")];
            format!("whose connection state is {not}{}", words(&names))
        }
    }
}
