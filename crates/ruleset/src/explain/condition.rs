//! Who a rule speaks of: its tests put together into a noun with what is said about it.

use crate::iptables::{icmp_name, protocol_name};
use crate::{Field, SetRef, Step, Test, Values};

use super::{opaque, value};

/// The parts of "TCP of new connections from A to port B, coming in by C, if D, only while E".
#[derive(Default)]
pub(super) struct Conditions {
    protocol: Option<String>,
    state: Option<String>,
    from: Vec<String>,
    to: Vec<String>,
    by: Vec<String>,
    conditions: Vec<String>,
    opaque: Vec<String>,
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
                    all.conditions.push(value::list(&words));
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
        let mut out = self.protocol.clone().unwrap_or_else(|| "everything".to_owned());
        for part in self.state.iter().chain(&self.from).chain(&self.to).chain(&self.by) {
            out.push(' ');
            out.push_str(part);
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
        let ports = |of: &Values| value::values(of, value::numbers);
        match field {
            Field::Protocol => self.protocol = Some(protocol(of, negated)),
            Field::Source => {
                self.from.push(format!("from {}", but(&value::addresses(of, version), "anywhere")));
            }
            Field::Destination => {
                self.to.insert(0, format!("to {}", but(&value::addresses(of, version), "anywhere")));
            }
            Field::SourcePort => self.from.push(port("from", &ports(of), negated)),
            Field::DestinationPort => self.to.push(port("to", &ports(of), negated)),
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

fn protocol(of: &Values, negated: bool) -> String {
    let name = |range: &crate::Range| {
        let name =
            u8::try_from(range.first).ok().filter(|_| range.first == range.last).and_then(protocol_name);
        match name {
            Some("tcp") => "TCP".to_owned(),
            Some("udp") => "UDP".to_owned(),
            Some("icmp") => "ICMP".to_owned(),
            Some("ipv6-icmp") => "ICMPv6".to_owned(),
            Some(other) => other.to_owned(),
            None => format!("protocol {}", value::numbers(range)),
        }
    };
    let names = value::values(of, name);
    if negated { format!("everything but {names}") } else { names }
}

fn port(direction: &str, ports: &str, negated: bool) -> String {
    let is_one = ports.bytes().all(|byte| byte.is_ascii_digit());
    match (negated, is_one) {
        (true, _) => format!("{direction} any port but {ports}"),
        (false, true) => format!("{direction} port {ports}"),
        (false, false) => format!("{direction} ports {ports}"),
    }
}

/// Connection states as what is said of a packet.
fn state(of: &Values, negated: bool) -> String {
    let bits = match of {
        Values::AnyBit(bits) => *bits,
        _ => return format!("whose connection state is {}", value::values(of, value::hex)),
    };
    let names = [
        (8, "new connections"),
        (2, "known connections"),
        (4, "related ones"),
        (1, "no valid connection"),
        (64, "no tracked connection"),
    ];
    let words: Vec<String> =
        names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| (*name).to_owned()).collect();
    match (bits, negated) {
        (1, false) => "that connection tracking finds invalid".to_owned(),
        (64, false) => "that is not tracked".to_owned(),
        (4, false) => "related to known connections".to_owned(),
        (_, false) => format!("of {}", value::list(&words)),
        (_, true) => format!("of anything but {}", value::list(&words)),
    }
}

/// A set that is asked.
fn in_set(set: &SetRef, keys: &[Field], negated: bool) -> String {
    let name = match set {
        SetRef::Ipset(name) => format!("the set {name}"),
        SetRef::Nft(name) if name.starts_with("__") => "the rule's own set".to_owned(),
        SetRef::Nft(name) => format!("the set {name}"),
    };
    let keys: Vec<&str> = keys.iter().map(|field| noun(*field)).collect();
    format!("its {} is {}in {name}", keys.join(" with "), if negated { "not " } else { "" })
}

/// One test by itself, as a condition.
fn alone(test: &Test, version: Option<u8>) -> String {
    let (field, of, negated) = match test {
        Test::Field { field, values, negated } => (*field, values, *negated),
        Test::Set { set, keys, negated } => return in_set(set, keys, *negated),
        Test::Opaque { text, negated: false } => return format!("`{text}` holds"),
        Test::Opaque { text, negated: true } => return format!("`{text}` does not hold"),
        Test::Any(any) => {
            return value::list(&any.iter().map(|test| alone(test, version)).collect::<Vec<_>>());
        }
    };
    let not = if negated { "not " } else { "" };
    let values = match field {
        Field::Source
        | Field::Destination
        | Field::CtOriginalSource
        | Field::CtOriginalDestination
        | Field::CtReplySource
        | Field::CtReplyDestination => value::addresses(of, version),
        Field::Protocol | Field::CtProtocol => protocol(of, false),
        Field::CtState => return format!("it is {}{}", not, state(of, false)),
        Field::CtStatus => return status(of, negated),
        Field::CtDirection => {
            let is_reply = of.has(1) != negated;
            let which = if is_reply { "an answer of its flow" } else { "of its flow's own direction" };
            return format!("it is {which}");
        }
        Field::SourceType | Field::DestinationType => return address_type(field, of, negated),
        Field::PacketType => {
            let kind = |range: &crate::Range| match range.first {
                0 => "sent to this host alone".to_owned(),
                1 => "a broadcast".to_owned(),
                2 => "a multicast".to_owned(),
                other => format!("of packet type {other}"),
            };
            return format!("it is {not}{}", value::values(of, kind));
        }
        Field::Fragment => {
            let is_later = of.has(1) != negated;
            return if is_later { "it is a later fragment" } else { "it is no later fragment" }.to_owned();
        }
        Field::SourceMac => value::values(of, |range| {
            let bytes: Vec<String> =
                (0..6).rev().map(|n| format!("{:02x}", (range.first >> (8 * n)) & 0xff)).collect();
            bytes.join(":")
        }),
        Field::TcpFlags => return format!("its TCP flags {}", flags(of, negated)),
        Field::Mark | Field::CtMark | Field::Tos | Field::Bits { .. } => value::values(of, value::hex),
        _ => value::values(of, value::numbers),
    };
    format!("its {} is {not}{values}", noun(field))
}

/// TCP flags in words.
fn flags(of: &Values, negated: bool) -> String {
    let names = |bits: u128| {
        let all = [(1, "FIN"), (2, "SYN"), (4, "RST"), (8, "PSH"), (16, "ACK"), (32, "URG")];
        let set: Vec<&str> = all.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
        if set.is_empty() { "none".to_owned() } else { set.join(" ") }
    };
    let one = |masked: &crate::Masked| match (masked.value, masked.mask) {
        (2, 0x17) => "begin a connection (SYN alone)".to_owned(),
        (value, mask) => format!("of {} are {}", names(mask), names(value)),
    };
    let said = match of {
        Values::Masked(masked) => value::list(&masked.iter().map(one).collect::<Vec<_>>()),
        _ => format!("are {}", value::values(of, |range| names(range.first))),
    };
    if negated {
        format!("do not {said}").replace("do not of", "are not so: of").replace("do not are", "are not")
    } else {
        said
    }
}

fn status(of: &Values, negated: bool) -> String {
    let bits = match of {
        Values::AnyBit(bits) => *bits,
        _ => return format!("the status of its connection is {}", value::values(of, value::hex)),
    };
    let not = if negated { "not " } else { "" };
    match bits {
        16 => format!("its source address is {not}translated"),
        32 => format!("its destination address was {not}translated"),
        1 => format!("its connection was {not}expected"),
        2 => format!("its connection was {not}answered"),
        4 => format!("its connection is {not}assured"),
        8 => format!("its connection is {not}confirmed"),
        bits => format!("the status of its connection has {not}any of the bits {bits:#x}"),
    }
}

fn address_type(field: Field, of: &Values, negated: bool) -> String {
    let which = if field == Field::SourceType { "source" } else { "destination" };
    let Values::AnyBit(bits) = of else {
        return format!("the type of its {which} is {}", value::values(of, value::numbers));
    };
    let names = [
        (1, "an ordinary address"),
        (2, "an address of this host"),
        (3, "a broadcast address"),
        (4, "an anycast address"),
        (5, "a multicast address"),
        (6, "a black hole"),
        (7, "unreachable"),
        (8, "prohibited"),
    ];
    let words: Vec<String> =
        names.iter().filter(|(bit, _)| bits & (1 << bit) != 0).map(|(_, name)| (*name).to_owned()).collect();
    let words = if words.is_empty() { format!("of type bits {bits:#x}") } else { value::list(&words) };
    format!("its {which} is {}{words}", if negated { "not " } else { "" })
}

fn noun(field: Field) -> &'static str {
    match field {
        Field::Version => "IP version",
        Field::InInterface => "input interface",
        Field::OutInterface => "output interface",
        Field::Protocol => "protocol",
        Field::Source => "source address",
        Field::Destination => "destination address",
        Field::SourcePort => "source port",
        Field::DestinationPort => "destination port",
        Field::IcmpType => "ICMP type",
        Field::IcmpCode => "ICMP code",
        Field::TcpFlags => "TCP flags",
        Field::CtState => "connection state",
        Field::CtStatus => "connection status",
        Field::CtDirection => "direction",
        Field::CtMark => "connection's mark",
        Field::CtZone => "connection's zone",
        Field::CtOriginalSource => "original source address",
        Field::CtOriginalDestination => "original destination address",
        Field::CtOriginalSourcePort => "original source port",
        Field::CtOriginalDestinationPort => "original destination port",
        Field::CtProtocol => "connection's protocol",
        Field::CtReplySource => "answers' source address",
        Field::CtReplyDestination => "answers' destination address",
        Field::CtReplySourcePort => "answers' source port",
        Field::CtReplyDestinationPort => "answers' destination port",
        Field::Mark => "mark",
        Field::SourceType => "source's type",
        Field::DestinationType => "destination's type",
        Field::SourceMac => "hardware address",
        Field::PacketType => "packet type",
        Field::Dscp => "DSCP",
        Field::Tos => "TOS byte",
        Field::Ttl => "TTL",
        Field::Length => "length",
        Field::Fragment => "fragment",
        Field::Uid => "sender's user id",
        Field::Gid => "sender's group id",
        Field::Bits { .. } => "header field",
    }
}
