//! The text tables of /proc/net: sockets and tracked connections without any module that isn't loaded.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ruleset::Endpoint;

use super::sockets::{Socket, TCP, UDP};

/// A table of this thread's network namespace.
pub fn text(name: &str) -> Option<String> {
    fs::read_to_string(format!("/proc/thread-self/net/{name}")).ok()
}

/// Every TCP and UDP socket.
pub fn sockets() -> Vec<Socket> {
    [("tcp", TCP), ("tcp6", TCP), ("udp", UDP), ("udp6", UDP)]
        .into_iter()
        .flat_map(|(name, protocol)| {
            text(name)
                .unwrap_or_default()
                .lines()
                .skip(1)
                .filter_map(move |line| socket(line, protocol))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ...`
fn socket(line: &str, protocol: u8) -> Option<Socket> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (local, version) = endpoint(words.get(1)?)?;
    let (remote, _) = endpoint(words.get(2)?)?;
    Some(Socket {
        protocol,
        version,
        state: u8::from_str_radix(words.get(3)?, 16).ok()?,
        local,
        remote,
        interface: 0,
        is_v6_only: false,
        inode: words.get(9)?.parse().ok()?,
    })
}

/// `0100007F:0016`: the address in 32-bit words of the host's byte order, the port in hex.
fn endpoint(text: &str) -> Option<(Endpoint, u8)> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let words: Vec<[u8; 4]> = (0..address.len())
        .step_by(8)
        .map(|at| Some(u32::from_str_radix(address.get(at..at + 8)?, 16).ok()?.to_ne_bytes()))
        .collect::<Option<_>>()?;
    let (address, version) = match words.as_slice() {
        [one] => (IpAddr::V4(Ipv4Addr::from(*one)), 4),
        [_, _, _, _] => {
            let bytes: Vec<u8> = words.concat();
            (Ipv6Addr::from(*bytes.first_chunk::<16>()?).to_canonical(), 6)
        }
        _ => return None,
    };
    Some((Endpoint { address, port }, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_proc_net() {
        let check = |line: &str, expected: &str| {
            let told = socket(line, TCP).map_or("none".into(), |socket| {
                format!(
                    "{}:{} {}:{} {} {}",
                    socket.local.address,
                    socket.local.port,
                    socket.remote.address,
                    socket.remote.port,
                    socket.state,
                    socket.inode
                )
            });
            if cfg!(target_endian = "little") {
                assert_eq!(told, expected);
            }
        };
        check(
            "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0",
            "127.0.0.1:22 0.0.0.0:0 10 4711",
        );
        check(
            "   1: 0000000000000000FFFF00000100000A:0016 0000000000000000FFFF00000200000A:C350 01 0:0 0:0 0 0 0 5 1",
            "10.0.0.1:22 10.0.0.2:50000 1 5",
        );
        check("   1: 0100007:0016 00000000:0000 0A", "none");
        check("", "none");
    }
}
