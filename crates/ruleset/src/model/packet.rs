//! A packet that is asked about: what is not given is unknown.

use std::net::IpAddr;

use super::{Hook, Protocol};

/// A question. `None` is "any": the answer says if it hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// input (this host receives it), forward or output.
    pub hook: Hook,
    /// Interface it comes in by.
    pub in_interface: Option<String>,
    /// Interface it goes out by.
    pub out_interface: Option<String>,
    /// Source address, before any translation.
    pub source: Option<IpAddr>,
    /// Destination address, before any translation.
    pub destination: Option<IpAddr>,
    /// Protocol.
    pub protocol: Option<Protocol>,
    /// Source port.
    pub source_port: Option<u16>,
    /// Destination port, before any translation.
    pub destination_port: Option<u16>,
    /// ICMP type.
    pub icmp_type: Option<u8>,
    /// ICMP code.
    pub icmp_code: Option<u8>,
    /// Bit of [`Field::CtState`](super::Field::CtState); NEW (8) unless said.
    pub state: u32,
    /// Status bits of the connection ([`Field::CtStatus`](super::Field::CtStatus)), where known.
    pub ct_status: Option<u32>,
    /// Is it of the reply direction?
    pub is_reply: bool,
    /// Packet mark; 0 unless said.
    pub mark: u32,
    /// Connection mark; 0 unless said.
    pub ct_mark: u32,
    /// TCP flags; SYN unless said.
    pub tcp_flags: u8,
    /// Source MAC.
    pub source_mac: Option<[u8; 6]>,
    /// TTL on arrival.
    pub ttl: Option<u8>,
}

impl Default for Packet {
    /// A TCP SYN of a new connection that this host receives, of which nothing else is known.
    fn default() -> Self {
        Self {
            hook: Hook::Input,
            in_interface: None,
            out_interface: None,
            source: None,
            destination: None,
            protocol: None,
            source_port: None,
            destination_port: None,
            icmp_type: None,
            icmp_code: None,
            state: 8,
            ct_status: None,
            is_reply: false,
            mark: 0,
            ct_mark: 0,
            tcp_flags: 2,
            source_mac: None,
            ttl: None,
        }
    }
}
