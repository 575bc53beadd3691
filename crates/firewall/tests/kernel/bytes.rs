//! Packets as bytes, with a marker by which they are known again.

use std::net::IpAddr;

use ruleset::Packet;

/// A packet of IP with all checksums; its payload is the marker.
pub fn of(packet: &Packet, marker: u64) -> Vec<u8> {
    let (source, destination) = (packet.source.expect("given"), packet.destination.expect("given"));
    let protocol = packet.protocol.expect("given");
    let mut body = head(packet, protocol, marker);
    body.extend_from_slice(&text(marker));
    if protocol == 17 {
        let length = u16::try_from(body.len()).expect("short");
        body[4..6].copy_from_slice(&length.to_be_bytes());
    }
    let at = match protocol {
        6 => Some(16),
        17 => Some(6),
        1 | 58 => Some(2),
        _ => None,
    };
    if let Some(at) = at {
        let mut covered =
            if protocol == 1 { Vec::new() } else { pseudo(source, destination, protocol, body.len()) };
        covered.extend_from_slice(&body);
        body[at..at + 2].copy_from_slice(&checksum(&covered).to_be_bytes());
    }
    let ttl = packet.ttl.unwrap_or(64);
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let length = u16::try_from(body.len() + 20).expect("short");
            let mut bytes = vec![0x45, 0];
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&[0x12, 0x34, 0, 0, ttl, protocol, 0, 0]);
            bytes.extend_from_slice(&source.octets());
            bytes.extend_from_slice(&destination.octets());
            let sum = checksum(&bytes);
            bytes[10..12].copy_from_slice(&sum.to_be_bytes());
            bytes.extend_from_slice(&body);
            bytes
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            let length = u16::try_from(body.len()).expect("short");
            let mut bytes = vec![0x60, 0, 0, 0];
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&[protocol, ttl]);
            bytes.extend_from_slice(&source.octets());
            bytes.extend_from_slice(&destination.octets());
            bytes.extend_from_slice(&body);
            bytes
        }
        _ => panic!("source and destination are of one version"),
    }
}

fn head(packet: &Packet, protocol: u8, marker: u64) -> Vec<u8> {
    let (from, to) = (packet.source_port.unwrap_or(0), packet.destination_port.unwrap_or(0));
    let mut bytes = Vec::new();
    match protocol {
        6 => {
            bytes.extend_from_slice(&from.to_be_bytes());
            bytes.extend_from_slice(&to.to_be_bytes());
            bytes.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 1, 0x50, packet.tcp_flags, 0x20, 0, 0, 0, 0, 0]);
        }
        17 => {
            bytes.extend_from_slice(&from.to_be_bytes());
            bytes.extend_from_slice(&to.to_be_bytes());
            bytes.extend_from_slice(&[0; 4]);
        }
        1 | 58 => {
            bytes.extend_from_slice(&[packet.icmp_type.unwrap_or(8), packet.icmp_code.unwrap_or(0), 0, 0]);
            bytes.extend_from_slice(&marker.to_be_bytes()[6..]);
            bytes.extend_from_slice(&[0, 1]);
        }
        _ => bytes.extend_from_slice(&[0; 4]),
    }
    bytes
}

fn text(marker: u64) -> [u8; 12] {
    let mut text = *b"MARK........";
    text[4..].copy_from_slice(&marker.to_be_bytes());
    text
}

/// Does it carry, or quote, the packet of this marker?
pub fn has_marker(bytes: &[u8], marker: u64) -> bool {
    bytes.windows(12).any(|window| *window == text(marker))
}

/// Protocol and what comes after the IP header.
fn inner(bytes: &[u8]) -> Option<(u8, &[u8])> {
    match bytes.first()? >> 4 {
        4 => Some((*bytes.get(9)?, bytes.get(20..)?)),
        6 => Some((*bytes.get(6)?, bytes.get(40..)?)),
        _ => None,
    }
}

/// An error message of ICMP, which quotes a packet.
pub fn is_answer(bytes: &[u8]) -> bool {
    matches!(inner(bytes), Some((1, [3 | 11 | 12, ..]) | (58, [1..=4, ..])))
}

/// Does it tell the sender of the packet that it was refused?
pub fn tells(bytes: &[u8], packet: &Packet, marker: u64) -> bool {
    if is_answer(bytes) {
        return has_marker(bytes, marker);
    }
    let Some((6, tcp)) = inner(bytes) else { return false };
    let port = |at: usize| tcp.get(at..at + 2).map(|two| u16::from_be_bytes([two[0], two[1]]));
    let is_reset = tcp.get(13).is_some_and(|flags| flags & 4 != 0);
    is_reset && !has_marker(bytes, marker) && port(2) == packet.source_port
}

fn pseudo(source: IpAddr, destination: IpAddr, protocol: u8, length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let length = u32::try_from(length).expect("short").to_be_bytes();
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            bytes.extend_from_slice(&source.octets());
            bytes.extend_from_slice(&destination.octets());
            bytes.extend_from_slice(&[0, protocol, length[2], length[3]]);
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            bytes.extend_from_slice(&source.octets());
            bytes.extend_from_slice(&destination.octets());
            bytes.extend_from_slice(&length);
            bytes.extend_from_slice(&[0, 0, 0, protocol]);
        }
        _ => panic!("source and destination are of one version"),
    }
    bytes
}

fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = bytes
        .chunks(2)
        .map(|two| u32::from(u16::from_be_bytes([two[0], two.get(1).copied().unwrap_or(0)])))
        .sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).expect("folded")
}
