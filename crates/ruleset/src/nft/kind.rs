//! nft's data types: how a number is written, and which number a word stands for.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::iptables::{protocol_name, protocol_number};

/// A data type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Decimal.
    Integer,
    /// Hexadecimal: marks.
    Hex,
    /// IPv4 address.
    Ipv4,
    /// IPv6 address.
    Ipv6,
    /// MAC address.
    Ether,
    /// Port.
    Port,
    /// Protocol above IP.
    Protocol,
    /// ICMP type.
    Icmp,
    /// ICMPv6 type.
    Icmpv6,
    /// State of a connection; bits.
    CtState,
    /// Status of a connection; bits.
    CtStatus,
    /// Direction of a connection.
    CtDirection,
    /// TCP flags; bits.
    TcpFlags,
    /// NFPROTO_*.
    Version,
    /// Type of an Ethernet frame.
    EtherType,
    /// Type of a packet on the link.
    PacketType,
    /// RTN_*.
    AddressType,
    /// Interface name.
    Interface,
    /// 0 missing, 1 exists.
    Presence,
    /// Differentiated services.
    Dscp,
}

type Words = &'static [(&'static str, u128)];

const ICMP: Words = &[
    ("echo-reply", 0),
    ("destination-unreachable", 3),
    ("source-quench", 4),
    ("redirect", 5),
    ("echo-request", 8),
    ("router-advertisement", 9),
    ("router-solicitation", 10),
    ("time-exceeded", 11),
    ("parameter-problem", 12),
    ("timestamp-request", 13),
    ("timestamp-reply", 14),
    ("info-request", 15),
    ("info-reply", 16),
    ("address-mask-request", 17),
    ("address-mask-reply", 18),
];
const ICMPV6: Words = &[
    ("destination-unreachable", 1),
    ("packet-too-big", 2),
    ("time-exceeded", 3),
    ("parameter-problem", 4),
    ("echo-request", 128),
    ("echo-reply", 129),
    ("mld-listener-query", 130),
    ("mld-listener-report", 131),
    ("mld-listener-done", 132),
    ("mld-listener-reduction", 132),
    ("nd-router-solicit", 133),
    ("nd-router-advert", 134),
    ("nd-neighbor-solicit", 135),
    ("nd-neighbor-advert", 136),
    ("nd-redirect", 137),
    ("router-renumbering", 138),
    ("ind-neighbor-solicit", 141),
    ("ind-neighbor-advert", 142),
    ("mld2-listener-report", 143),
];
const CT_STATE: Words = &[("invalid", 1), ("established", 2), ("related", 4), ("new", 8), ("untracked", 64)];
const CT_STATUS: Words = &[
    ("expected", 1),
    ("seen-reply", 2),
    ("assured", 4),
    ("confirmed", 8),
    ("snat", 16),
    ("dnat", 32),
    ("dying", 512),
];
const CT_DIRECTION: Words = &[("original", 0), ("reply", 1)];
const TCP_FLAGS: Words =
    &[("fin", 1), ("syn", 2), ("rst", 4), ("psh", 8), ("ack", 16), ("urg", 32), ("ecn", 64), ("cwr", 128)];
const VERSION: Words = &[("ipv4", 2), ("ipv6", 10)];
const ETHER_TYPE: Words = &[
    ("ip", 0x0800),
    ("arp", 0x0806),
    ("ip6", 0x86dd),
    ("vlan", 0x8100),
    ("8021q", 0x8100),
    ("8021ad", 0x88a8),
];
const PACKET_TYPE: Words = &[("host", 0), ("unicast", 0), ("broadcast", 1), ("multicast", 2), ("other", 3)];
const ADDRESS_TYPE: Words = &[
    ("unspec", 0),
    ("unicast", 1),
    ("local", 2),
    ("broadcast", 3),
    ("anycast", 4),
    ("multicast", 5),
    ("blackhole", 6),
    ("unreachable", 7),
    ("prohibit", 8),
];
const PRESENCE: Words = &[("missing", 0), ("exists", 1)];
const DSCP: Words = &[
    ("cs0", 0),
    ("cs1", 8),
    ("cs2", 16),
    ("cs3", 24),
    ("cs4", 32),
    ("cs5", 40),
    ("cs6", 48),
    ("cs7", 56),
    ("be", 0),
    ("af11", 10),
    ("af12", 12),
    ("af13", 14),
    ("af21", 18),
    ("af22", 20),
    ("af23", 22),
    ("af31", 26),
    ("af32", 28),
    ("af33", 30),
    ("af41", 34),
    ("af42", 36),
    ("af43", 38),
    ("ef", 46),
];

impl Kind {
    fn words(self) -> Words {
        match self {
            Self::Icmp => ICMP,
            Self::Icmpv6 => ICMPV6,
            Self::CtState => CT_STATE,
            Self::CtStatus => CT_STATUS,
            Self::CtDirection => CT_DIRECTION,
            Self::TcpFlags => TCP_FLAGS,
            Self::Version => VERSION,
            Self::EtherType => ETHER_TYPE,
            Self::PacketType => PACKET_TYPE,
            Self::AddressType => ADDRESS_TYPE,
            Self::Presence => PRESENCE,
            Self::Dscp => DSCP,
            _ => &[],
        }
    }

    /// Does one value mean "any of these bits"?
    pub fn is_bits(self) -> bool {
        matches!(self, Self::CtState | Self::CtStatus | Self::TcpFlags)
    }

    /// The number that a word or number stands for.
    pub fn number(self, text: &str) -> Option<u128> {
        if let Some((_, number)) = self.words().iter().find(|(word, _)| *word == text) {
            return Some(*number);
        }
        match self {
            Self::Ipv4 => text.parse::<Ipv4Addr>().ok().map(|address| u32::from(address).into()),
            Self::Ipv6 => text.parse::<Ipv6Addr>().ok().map(u128::from),
            Self::Ether => ether(text),
            Self::Protocol => protocol_number(text).map(u128::from),
            Self::Interface => None,
            _ => integer(text),
        }
    }

    /// How nft writes a number.
    pub fn word(self, number: u128) -> String {
        if let Some((word, _)) = self.words().iter().find(|(_, known)| *known == number) {
            return (*word).to_owned();
        }
        match self {
            Self::Ipv4 => match u32::try_from(number) {
                Ok(number) => Ipv4Addr::from(number).to_string(),
                Err(_) => number.to_string(),
            },
            Self::Ipv6 => Ipv6Addr::from(number).to_string(),
            Self::Ether => {
                let bytes: Vec<String> =
                    (0..6).rev().map(|byte| format!("{:02x}", number >> (8 * byte) & 0xff)).collect();
                bytes.join(":")
            }
            Self::Protocol => match u8::try_from(number).ok().and_then(protocol_name) {
                Some(name) => name.to_owned(),
                None => number.to_string(),
            },
            Self::Hex => format!("0x{number:08x}"),
            _ => number.to_string(),
        }
    }

    /// Bits in their words, with commas.
    pub fn bits_words(self, bits: u128) -> String {
        let known = self.words().iter().filter(|(_, bit)| bits & bit != 0);
        let all = known.clone().fold(0, |sum, (_, bit)| sum | bit);
        if bits == 0 || bits & !all != 0 {
            return format!("{bits:#x}");
        }
        known.map(|(word, _)| *word).collect::<Vec<_>>().join(",")
    }
}

fn integer(text: &str) -> Option<u128> {
    match text.strip_prefix("0x") {
        Some(digits) => u128::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn ether(text: &str) -> Option<u128> {
    let mut number = 0;
    let mut count = 0;
    for part in text.split(':') {
        number = number << 8 | u128::from(u8::from_str_radix(part, 16).ok()?);
        count += 1;
    }
    (count == 6).then_some(number)
}
