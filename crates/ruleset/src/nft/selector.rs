//! What a rule looks at, in nft's words: `ip saddr`, `meta mark`, `ct state`.

use super::kind::Kind;
use crate::Field;

/// Something that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// A place in a header. Bits, from the start of the header.
    Payload {
        /// 0 link, 1 network, 2 transport.
        base: u8,
        /// In bits.
        offset: u16,
        /// In bits.
        length: u16,
        /// The header whose field it is called, where one is named.
        header: Option<&'static str>,
    },
    /// Something that has a field in the model, or else only a name.
    Named(&'static Named),
    /// Anything else, in nft's words.
    Other(String, Kind),
}

/// `meta` and `ct` keys.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// As nft writes it.
    pub text: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Bits.
    pub bits: u16,
    /// Its field.
    pub field: Option<Field>,
    /// NFT_META_* or NFT_CT_*; and the direction.
    pub(super) key: (Source, u32, Option<u8>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Meta,
    Ct,
}

/// A field of a header.
#[derive(Debug)]
pub struct Place {
    /// Name of the header.
    pub header: &'static str,
    /// Name of the field.
    pub name: &'static str,
    /// 0 link, 1 network, 2 transport.
    pub base: u8,
    /// In bits.
    pub offset: u16,
    /// In bits.
    pub length: u16,
    /// Its type.
    pub kind: Kind,
}

const fn place(
    header: &'static str,
    name: &'static str,
    base: u8,
    offset: u16,
    length: u16,
    kind: Kind,
) -> Place {
    Place { header, name, base, offset, length, kind }
}

/// Fields of headers that rules use.
pub const PLACES: &[Place] = &[
    place("ether", "daddr", 0, 0, 48, Kind::Ether),
    place("ether", "saddr", 0, 48, 48, Kind::Ether),
    place("ether", "type", 0, 96, 16, Kind::EtherType),
    place("vlan", "id", 0, 116, 12, Kind::Integer),
    place("arp", "htype", 1, 0, 16, Kind::Integer),
    place("arp", "ptype", 1, 16, 16, Kind::EtherType),
    place("arp", "operation", 1, 48, 16, Kind::Integer),
    place("arp", "saddr ip", 1, 112, 32, Kind::Ipv4),
    place("arp", "daddr ip", 1, 192, 32, Kind::Ipv4),
    place("ip", "version", 1, 0, 4, Kind::Integer),
    place("ip", "hdrlength", 1, 4, 4, Kind::Integer),
    place("ip", "dscp", 1, 8, 6, Kind::Dscp),
    place("ip", "ecn", 1, 14, 2, Kind::Integer),
    place("ip", "length", 1, 16, 16, Kind::Integer),
    place("ip", "id", 1, 32, 16, Kind::Integer),
    place("ip", "frag-off", 1, 48, 16, Kind::Integer),
    place("ip", "ttl", 1, 64, 8, Kind::Integer),
    place("ip", "protocol", 1, 72, 8, Kind::Protocol),
    place("ip", "checksum", 1, 80, 16, Kind::Integer),
    place("ip", "saddr", 1, 96, 32, Kind::Ipv4),
    place("ip", "daddr", 1, 128, 32, Kind::Ipv4),
    place("ip6", "version", 1, 0, 4, Kind::Integer),
    place("ip6", "dscp", 1, 4, 6, Kind::Dscp),
    place("ip6", "ecn", 1, 10, 2, Kind::Integer),
    place("ip6", "flowlabel", 1, 12, 20, Kind::Integer),
    place("ip6", "length", 1, 32, 16, Kind::Integer),
    place("ip6", "nexthdr", 1, 48, 8, Kind::Protocol),
    place("ip6", "hoplimit", 1, 56, 8, Kind::Integer),
    place("ip6", "saddr", 1, 64, 128, Kind::Ipv6),
    place("ip6", "daddr", 1, 192, 128, Kind::Ipv6),
    place("icmp", "type", 2, 0, 8, Kind::Icmp),
    place("icmp", "code", 2, 8, 8, Kind::Integer),
    place("icmp", "id", 2, 32, 16, Kind::Integer),
    place("icmp", "sequence", 2, 48, 16, Kind::Integer),
    place("icmpv6", "type", 2, 0, 8, Kind::Icmpv6),
    place("icmpv6", "code", 2, 8, 8, Kind::Integer),
    place("icmpv6", "id", 2, 32, 16, Kind::Integer),
    place("icmpv6", "sequence", 2, 48, 16, Kind::Integer),
    place("igmp", "type", 2, 0, 8, Kind::Integer),
    place("th", "sport", 2, 0, 16, Kind::Port),
    place("th", "dport", 2, 16, 16, Kind::Port),
    place("tcp", "sport", 2, 0, 16, Kind::Port),
    place("tcp", "dport", 2, 16, 16, Kind::Port),
    place("tcp", "sequence", 2, 32, 32, Kind::Integer),
    place("tcp", "ackseq", 2, 64, 32, Kind::Integer),
    place("tcp", "doff", 2, 96, 4, Kind::Integer),
    place("tcp", "flags", 2, 104, 8, Kind::TcpFlags),
    place("tcp", "window", 2, 112, 16, Kind::Integer),
    place("tcp", "checksum", 2, 128, 16, Kind::Integer),
    place("tcp", "urgptr", 2, 144, 16, Kind::Integer),
    place("udp", "sport", 2, 0, 16, Kind::Port),
    place("udp", "dport", 2, 16, 16, Kind::Port),
    place("udp", "length", 2, 32, 16, Kind::Integer),
    place("udp", "checksum", 2, 48, 16, Kind::Integer),
    place("udplite", "sport", 2, 0, 16, Kind::Port),
    place("udplite", "dport", 2, 16, 16, Kind::Port),
    place("sctp", "sport", 2, 0, 16, Kind::Port),
    place("sctp", "dport", 2, 16, 16, Kind::Port),
    place("dccp", "sport", 2, 0, 16, Kind::Port),
    place("dccp", "dport", 2, 16, 16, Kind::Port),
    place("esp", "spi", 2, 0, 32, Kind::Integer),
    place("ah", "spi", 2, 32, 32, Kind::Integer),
];

const fn meta(key: u32, text: &'static str, bits: u16, kind: Kind, field: Option<Field>) -> Named {
    Named { text, kind, bits, field, key: (Source::Meta, key, None) }
}

const fn ct(
    key: u32,
    direction: Option<u8>,
    text: &'static str,
    bits: u16,
    kind: Kind,
    field: Option<Field>,
) -> Named {
    Named { text, kind, bits, field, key: (Source::Ct, key, direction) }
}

/// Keys of `meta` and `ct`.
pub const NAMED: &[Named] = &[
    meta(0, "meta length", 32, Kind::Integer, Some(Field::Length)),
    meta(1, "meta protocol", 16, Kind::EtherType, None),
    meta(2, "meta priority", 32, Kind::Hex, None),
    meta(3, "meta mark", 32, Kind::Hex, Some(Field::Mark)),
    meta(4, "iif", 32, Kind::Interface, Some(Field::InInterface)),
    meta(5, "oif", 32, Kind::Interface, Some(Field::OutInterface)),
    meta(6, "iifname", 128, Kind::Interface, Some(Field::InInterface)),
    meta(7, "oifname", 128, Kind::Interface, Some(Field::OutInterface)),
    meta(8, "meta iiftype", 16, Kind::Integer, None),
    meta(9, "meta oiftype", 16, Kind::Integer, None),
    meta(10, "meta skuid", 32, Kind::Integer, Some(Field::Uid)),
    meta(11, "meta skgid", 32, Kind::Integer, Some(Field::Gid)),
    meta(12, "meta nftrace", 8, Kind::Integer, None),
    meta(13, "meta rtclassid", 32, Kind::Integer, None),
    meta(15, "meta nfproto", 8, Kind::Version, None),
    meta(16, "meta l4proto", 8, Kind::Protocol, Some(Field::Protocol)),
    meta(17, "meta ibrname", 128, Kind::Interface, None),
    meta(18, "meta obrname", 128, Kind::Interface, None),
    meta(19, "meta pkttype", 8, Kind::PacketType, Some(Field::PacketType)),
    meta(20, "meta cpu", 32, Kind::Integer, None),
    meta(21, "meta iifgroup", 32, Kind::Integer, None),
    meta(22, "meta oifgroup", 32, Kind::Integer, None),
    meta(23, "meta cgroup", 32, Kind::Integer, None),
    meta(24, "meta random", 32, Kind::Integer, None),
    meta(25, "meta ipsec", 8, Kind::Presence, None),
    meta(26, "meta iifkind", 128, Kind::Interface, None),
    meta(27, "meta oifkind", 128, Kind::Interface, None),
    meta(30, "meta time", 64, Kind::Integer, None),
    meta(31, "meta day", 8, Kind::Integer, None),
    meta(32, "meta hour", 32, Kind::Integer, None),
    ct(0, None, "ct state", 32, Kind::CtState, Some(Field::CtState)),
    ct(1, None, "ct direction", 8, Kind::CtDirection, Some(Field::CtDirection)),
    ct(2, None, "ct status", 32, Kind::CtStatus, Some(Field::CtStatus)),
    ct(3, None, "ct mark", 32, Kind::Hex, Some(Field::CtMark)),
    ct(5, None, "ct expiration", 32, Kind::Integer, None),
    ct(6, None, "ct helper", 128, Kind::Interface, None),
    ct(7, None, "ct l3proto", 8, Kind::Version, None),
    ct(17, None, "ct zone", 16, Kind::Integer, Some(Field::CtZone)),
    ct(10, Some(0), "ct original protocol", 8, Kind::Protocol, Some(Field::CtProtocol)),
    ct(10, Some(1), "ct reply protocol", 8, Kind::Protocol, Some(Field::CtProtocol)),
    ct(11, Some(0), "ct original proto-src", 16, Kind::Port, Some(Field::CtOriginalSourcePort)),
    ct(12, Some(0), "ct original proto-dst", 16, Kind::Port, Some(Field::CtOriginalDestinationPort)),
    ct(11, Some(1), "ct reply proto-src", 16, Kind::Port, Some(Field::CtReplySourcePort)),
    ct(12, Some(1), "ct reply proto-dst", 16, Kind::Port, Some(Field::CtReplyDestinationPort)),
    ct(19, Some(0), "ct original ip saddr", 32, Kind::Ipv4, Some(Field::CtOriginalSource)),
    ct(20, Some(0), "ct original ip daddr", 32, Kind::Ipv4, Some(Field::CtOriginalDestination)),
    ct(19, Some(1), "ct reply ip saddr", 32, Kind::Ipv4, Some(Field::CtReplySource)),
    ct(20, Some(1), "ct reply ip daddr", 32, Kind::Ipv4, Some(Field::CtReplyDestination)),
    ct(21, Some(0), "ct original ip6 saddr", 128, Kind::Ipv6, Some(Field::CtOriginalSource)),
    ct(22, Some(0), "ct original ip6 daddr", 128, Kind::Ipv6, Some(Field::CtOriginalDestination)),
    ct(21, Some(1), "ct reply ip6 saddr", 128, Kind::Ipv6, Some(Field::CtReplySource)),
    ct(22, Some(1), "ct reply ip6 daddr", 128, Kind::Ipv6, Some(Field::CtReplyDestination)),
];

/// A field of a header by its name.
pub fn place_of(header: &str, name: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.header == header && place.name == name)
}

/// A key by nft's words.
pub fn named(text: &str) -> Option<&'static Named> {
    NAMED.iter().find(|named| named.text == text)
}

/// A key by its numbers.
pub(super) fn by_key(source: Source, key: u32, direction: Option<u8>) -> Option<&'static Named> {
    NAMED.iter().find(|named| named.key == (source, key, direction))
}

/// The header whose fields need this protocol to be tested first.
pub fn protocol_of(header: &str) -> Option<u8> {
    Some(match header {
        "icmp" => 1,
        "igmp" => 2,
        "tcp" => 6,
        "udp" => 17,
        "dccp" => 33,
        "esp" => 50,
        "ah" => 51,
        "icmpv6" => 58,
        "sctp" => 132,
        "udplite" => 136,
        _ => return None,
    })
}

/// The header of a protocol.
pub fn header_of(protocol: u8) -> Option<&'static str> {
    PLACES.iter().map(|place| place.header).find(|header| protocol_of(header) == Some(protocol))
}

impl Place {
    /// It as a selector.
    pub fn selector(&self) -> Selector {
        Selector::Payload {
            base: self.base,
            offset: self.offset,
            length: self.length,
            header: Some(self.header),
        }
    }
}

impl Selector {
    /// Its length in bits.
    pub fn bits(&self) -> u32 {
        match self {
            Self::Payload { length, .. } => (*length).into(),
            Self::Named(named) => named.bits.into(),
            Self::Other(_, kind) => match kind {
                Kind::Ipv6 | Kind::Interface => 128,
                Kind::Presence => 8,
                _ => 32,
            },
        }
    }

    /// Its type.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Payload { .. } => self.place().map_or(Kind::Hex, |place| place.kind),
            Self::Named(named) => named.kind,
            Self::Other(_, kind) => *kind,
        }
    }

    /// The named field that it is exactly.
    pub fn place(&self) -> Option<&'static Place> {
        let Self::Payload { base, offset, length, header: Some(header) } = self else { return None };
        PLACES.iter().find(|place| {
            place.header == *header && (place.base, place.offset, place.length) == (*base, *offset, *length)
        })
    }

    /// In nft's words.
    pub fn text(&self) -> String {
        match self {
            Self::Named(named) => named.text.to_owned(),
            Self::Other(text, _) => text.clone(),
            Self::Payload { base, offset, length, .. } => match self.place() {
                Some(place) if place.header == "arp" && place.name.contains(' ') => {
                    let (name, version) = place.name.split_once(' ').unwrap_or((place.name, ""));
                    format!("arp {name} {version}")
                }
                Some(place) => format!("{} {}", place.header, place.name),
                None => {
                    let base = ["ll", "nh", "th", "ih"].get(usize::from(*base)).unwrap_or(&"ih");
                    format!("@{base},{offset},{length}")
                }
            },
        }
    }
}
