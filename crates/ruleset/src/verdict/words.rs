//! Conditions as plain English.

use super::case::status;
use super::known::{address, all_of};
use crate::{Field, Range, Values};

/// What a field is called.
pub(super) fn name(field: Field) -> &'static str {
    match field {
        Field::Version => "the IP version",
        Field::InInterface => "the input interface",
        Field::OutInterface => "the output interface",
        Field::Protocol => "the protocol",
        Field::Source => "the source address",
        Field::Destination => "the destination address",
        Field::SourcePort => "the source port",
        Field::DestinationPort => "the destination port",
        Field::IcmpType => "the ICMP type",
        Field::IcmpCode => "the ICMP code",
        Field::TcpFlags => "the number of its TCP flags",
        Field::CtState => "the state of the connection",
        Field::CtStatus => "the status of the connection",
        Field::CtDirection => "the direction within the connection",
        Field::CtMark => "the mark of the connection",
        Field::CtZone => "the zone of the connection",
        Field::CtOriginalSource => "the original source address of the connection",
        Field::CtOriginalDestination => "the original destination address of the connection",
        Field::CtOriginalSourcePort => "the original source port of the connection",
        Field::CtOriginalDestinationPort => "the original destination port of the connection",
        Field::CtProtocol => "the protocol of the connection",
        Field::CtReplySource => "the source address of the connection's replies",
        Field::CtReplyDestination => "the destination address of the connection's replies",
        Field::CtReplySourcePort => "the source port of the connection's replies",
        Field::CtReplyDestinationPort => "the destination port of the connection's replies",
        Field::Mark => "the mark",
        Field::SourceType => "the kind of the source address",
        Field::DestinationType => "the kind of the destination address",
        Field::SourceMac => "the source MAC address",
        Field::PacketType => "the packet type",
        Field::Dscp => "DSCP",
        Field::Tos => "the TOS byte",
        Field::Ttl => "the TTL",
        Field::Length => "the length",
        Field::Fragment => "being a later fragment",
        Field::Uid => "the user id of the sender",
        Field::Gid => "the group id of the sender",
        Field::Bits { .. } => "a place in its header",
    }
}

/// At most so many values are listed.
const LISTED: usize = 4;

/// "the source port is 53", "the source address is not one of 10.0.0.0-10.0.0.255".
pub(super) fn condition(field: Field, values: &Values, holds: bool, version: u8) -> String {
    let (texts, count) = listed(field, values, version);
    let more = if count > texts.len() { format!(" and {} more", count - texts.len()) } else { String::new() };
    let texts = texts.join(", ");
    let is = match (holds, count > 1) {
        (true, false) => "is",
        (true, true) => "is one of",
        (false, false) => "is not",
        (false, true) => "is none of",
    };
    format!("{} {is} {texts}{more}", name(field))
}

fn listed(field: Field, values: &Values, version: u8) -> (Vec<String>, usize) {
    match values {
        Values::Ranges(ranges) => (
            ranges.iter().take(LISTED).map(|range| range_text(field, *range, version)).collect(),
            ranges.len(),
        ),
        Values::Masked(masked) => (
            masked
                .iter()
                .take(LISTED)
                .map(|one| {
                    format!(
                        "{}/{}",
                        number_text(field, one.value, version),
                        number_text(field, one.mask, version)
                    )
                })
                .collect(),
            masked.len(),
        ),
        Values::AnyBit(bits) => (vec![format!("any bit of {bits:#x}")], 1),
        Values::Names(names) => {
            let text = |name: &crate::Name| format!("{}{}", name.text, if name.is_prefix { "+" } else { "" });
            (names.iter().take(LISTED).map(text).collect(), names.len())
        }
    }
}

fn range_text(field: Field, range: Range, version: u8) -> String {
    let first = number_text(field, range.first, version);
    if range.first == range.last {
        return first;
    }
    let hosts = range.last - range.first;
    if is_address(field) && hosts.wrapping_add(1).is_power_of_two() && range.first & hosts == 0 {
        return format!("{first}/{}", all_of(version) - hosts.count_ones());
    }
    format!("{first}-{}", number_text(field, range.last, version))
}

fn is_address(field: Field) -> bool {
    matches!(
        field,
        Field::Source
            | Field::Destination
            | Field::CtOriginalSource
            | Field::CtOriginalDestination
            | Field::CtReplySource
            | Field::CtReplyDestination
    )
}

fn number_text(field: Field, number: u128, version: u8) -> String {
    if is_address(field) {
        return address(number, version).to_string();
    }
    match (field, number) {
        (Field::Mark | Field::CtMark | Field::TcpFlags | Field::Bits { .. }, _) => format!("{number:#x}"),
        (Field::SourceMac, _) => {
            let bytes = number.to_be_bytes();
            bytes[10..].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
        }
        (Field::Protocol, 1) => "icmp".to_owned(),
        (Field::Protocol, 6) => "tcp".to_owned(),
        (Field::Protocol, 17) => "udp".to_owned(),
        (Field::Protocol, 58) => "icmpv6".to_owned(),
        (Field::Protocol, 132) => "sctp".to_owned(),
        (Field::SourceType | Field::DestinationType, 2) => "unicast".to_owned(),
        (Field::SourceType | Field::DestinationType, 4) => "of this host".to_owned(),
        (Field::SourceType | Field::DestinationType, 8) => "broadcast".to_owned(),
        _ => number.to_string(),
    }
}

/// What a status bit means, set and not set.
pub(super) fn status(bit: u32) -> [&'static str; 2] {
    match bit {
        status::EXPECTED => ["was expected by another one", "was not expected by another one"],
        status::SEEN_REPLY => ["was answered", "was not answered"],
        status::ASSURED => ["is assured", "is not assured"],
        status::CONFIRMED => ["is confirmed", "is not confirmed"],
        status::SOURCE_CHANGED => ["has a translated source", "has no translated source"],
        status::DESTINATION_CHANGED => ["has a translated destination", "has no translated destination"],
        _ => ["has a certain status bit", "has not a certain status bit"],
    }
}
