//! One test by itself, as a condition: `its mark is not 0x1`.

use crate::{Field, Masked, SetRef, Test, Values};

use super::condition::{protocol, state};
use super::value;

/// A set that is asked. Of an ipset the rule tells the sides only: what is looked up hangs on the type of the set.
pub(super) fn in_set(set: &SetRef, keys: &[Field], negated: bool) -> String {
    let is_ipset = matches!(set, SetRef::Ipset(_));
    let name = match set {
        SetRef::Nft(name) if name.starts_with("__") => "the rule's own set".to_owned(),
        SetRef::Ipset(name) | SetRef::Nft(name) => format!("the set {name}"),
    };
    let key = |field: &Field| match field {
        Field::Source if is_ipset => "source",
        Field::Destination if is_ipset => "destination",
        field => noun(*field),
    };
    let keys: Vec<&str> = keys.iter().map(key).collect();
    format!("its {} is {}in {name}", keys.join(" with "), if negated { "not " } else { "" })
}

/// One test by itself, as a condition.
pub(super) fn alone(test: &Test, version: Option<u8>) -> String {
    let (field, of, negated) = match test {
        Test::Field { field, values, negated } => (*field, values, *negated),
        Test::Set { set, keys, negated } => return in_set(set, keys, *negated),
        Test::Opaque { text, negated: false } => return format!("`{text}` holds"),
        Test::Opaque { text, negated: true } => return format!("`{text}` does not hold"),
        Test::Any(any) => {
            return any.iter().map(|test| alone(test, version)).collect::<Vec<_>>().join(" or else ");
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
        Field::CtState => {
            let said = state(of, negated);
            return match said.strip_prefix("whose ") {
                Some(rest) => format!("its {rest}"),
                None => format!(
                    "it is {}",
                    said.strip_prefix("that is ")
                        .unwrap_or(&said)
                        .replace("that connection tracking finds invalid", "invalid to connection tracking")
                ),
            };
        }
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
        Field::TcpFlags => return flags(of, negated),
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
    let not = if negated { "not " } else { "" };
    match of {
        Values::Masked(masked) if masked[..] == [Masked { value: 2, mask: 0x17 }] => {
            if negated { "it does not begin a connection (SYN)" } else { "it begins a connection (SYN)" }
                .to_owned()
        }
        Values::Masked(masked) => {
            let one = |masked: &Masked| format!("{} (of {})", names(masked.value), names(masked.mask));
            format!("its TCP flags are {not}{}", value::list(&masked.iter().map(one).collect::<Vec<_>>()))
        }
        _ => format!("its TCP flags are {not}{}", value::values(of, |range| names(range.first))),
    }
}

fn status(of: &Values, negated: bool) -> String {
    let not = if negated { "not " } else { "" };
    let Values::AnyBit(bits) = of else {
        return format!("the status of its connection is {not}{}", value::values(of, value::hex));
    };
    let names = [
        (1, "expected"),
        (2, "answered"),
        (4, "assured"),
        (8, "confirmed"),
        (16, "translated in its source (SNAT)"),
        (32, "translated in its destination (DNAT)"),
    ];
    let words: Vec<String> =
        names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| (*name).to_owned()).collect();
    if words.is_empty() {
        return format!("the status of its connection has {not}any of the bits {bits:#x}");
    }
    format!("its connection is {not}{}", value::list(&words))
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
