//! Sockets of this network namespace: what listens, what is connected, and which program holds it.
//!
//! By sock_diag where that loads no module, else from /proc/net, which knows neither `IPV6_V6ONLY` nor a bound interface.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use ruleset::{Endpoint, Listener, Protocol};

use super::processes::Holder;
use super::{modules, proc_net};
use crate::netlink::{self, Attribute, Attributes, NetlinkError};

/// SOCK_DIAG_BY_FAMILY.
const BY_FAMILY: u16 = 20;
/// INET_DIAG_SKV6ONLY.
const V6_ONLY: u16 = 11;
/// TCP.
pub const TCP: Protocol = 6;
/// UDP.
pub const UDP: Protocol = 17;

/// States of sockets (net/tcp_states.h) that matter here.
pub mod state {
    /// Connected; also of a UDP socket with a fixed peer.
    pub const ESTABLISHED: u8 = 1;
    /// A UDP socket that takes from anybody.
    pub const CLOSE: u8 = 7;
    /// Waits for connections.
    pub const LISTEN: u8 = 10;
}

/// One socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// TCP or UDP.
    pub protocol: Protocol,
    /// 4 or 6: what kind of socket it is; its addresses may be IPv4 nonetheless.
    pub version: u8,
    /// As in [`state`].
    pub state: u8,
    /// This end; an IPv4 address in an IPv6 socket is shown as such.
    pub local: Endpoint,
    /// The other end; the zero address if there is none.
    pub remote: Endpoint,
    /// Number of the interface that it is bound to, 0 for none.
    pub interface: u32,
    /// Takes IPv6 only.
    pub is_v6_only: bool,
    /// Its number in the file system of sockets; 0 if no process holds it.
    pub inode: u64,
}

/// All TCP and UDP sockets but those that are on their way out.
pub fn read() -> Result<Vec<Socket>, NetlinkError> {
    let is_askable = ["inet_diag", "tcp_diag", "udp_diag"].iter().all(|name| modules::is_present(name));
    let mut sockets = if is_askable { ask()? } else { proc_net::sockets() };
    sockets.retain(is_alive);
    Ok(sockets)
}

fn ask() -> Result<Vec<Socket>, NetlinkError> {
    let mut sockets = Vec::new();
    let mut socket = netlink::Socket::open(netlink::Protocol::SockDiag)?;
    for (family, protocol) in [(2, TCP), (10, TCP), (2, UDP), (10, UDP)] {
        // inet_diag_req_v2: family, protocol, extensions, padding, states, then the id of a socket, which a dump ignores.
        let mut request = vec![family, protocol, 0, 0];
        request.extend_from_slice(&u32::MAX.to_ne_bytes());
        request.extend_from_slice(&[0; 48]);
        let mut take = |kind, payload: &[u8]| {
            if kind == BY_FAMILY {
                sockets.extend(one(payload, protocol));
            }
        };
        match socket.ask(BY_FAMILY, netlink::flags::DUMP, request, &mut take) {
            // A kernel without IPv6 has no such sockets.
            Err(NetlinkError::Refused { errno: nix::errno::Errno::ENOENT, .. }) => {}
            result => result?,
        }
    }
    Ok(sockets)
}

/// inet_diag_msg: family, state, timer, retransmits; ports, addresses, interface, cookie; expiry, queues, user, inode; attributes.
fn one(payload: &[u8], protocol: Protocol) -> Option<Socket> {
    let (family, state) = (*payload.first()?, *payload.get(1)?);
    let port = |at: usize| Some(u16::from_be_bytes(*payload.get(at..)?.first_chunk()?));
    let word = |at: usize| Some(u32::from_ne_bytes(*payload.get(at..)?.first_chunk()?));
    let address = |at: usize| -> Option<IpAddr> {
        let bytes = payload.get(at..)?.first_chunk::<16>()?;
        Some(match family {
            2 => IpAddr::from([bytes[0], bytes[1], bytes[2], bytes[3]]),
            _ => Ipv6Addr::from(*bytes).to_canonical(),
        })
    };
    let only = Attributes::new(payload.get(72..)?).find(V6_ONLY).and_then(Attribute::u8);
    Some(Socket {
        protocol,
        version: if family == 2 { 4 } else { 6 },
        state,
        local: Endpoint { address: address(8)?, port: port(4)? },
        remote: Endpoint { address: address(24)?, port: port(6)? },
        interface: word(40)?,
        is_v6_only: only == Some(1),
        inode: word(68)?.into(),
    })
}

/// Not TIME_WAIT, and not closing without anybody who would read or write any more.
fn is_alive(socket: &Socket) -> bool {
    match (socket.protocol, socket.state) {
        (UDP, state::CLOSE | state::ESTABLISHED) | (_, state::LISTEN) => true,
        // SYN_RECV: not accepted yet, so nobody holds it.
        (TCP, 3 | 12) => true,
        (TCP, state::CLOSE | 6) => false,
        (TCP, _) => socket.inode != 0,
        _ => false,
    }
}

impl Socket {
    /// Does it wait for connections (or for datagrams of anybody)?
    pub fn is_listening(&self) -> bool {
        self.local.port != 0
            && match self.protocol {
                TCP => self.state == state::LISTEN,
                _ => self.state == state::CLOSE && self.remote.port == 0,
            }
    }

    /// Has it a peer?
    pub fn is_connected(&self) -> bool {
        self.remote.port != 0 && !self.is_listening()
    }

    /// The name of its state, for TCP.
    pub fn state_name(&self) -> Option<&'static str> {
        const NAMES: [&str; 13] = [
            "",
            "ESTABLISHED",
            "SYN_SENT",
            "SYN_RECV",
            "FIN_WAIT1",
            "FIN_WAIT2",
            "TIME_WAIT",
            "CLOSE",
            "CLOSE_WAIT",
            "LAST_ACK",
            "LISTEN",
            "CLOSING",
            "SYN_RECV",
        ];
        (self.protocol == TCP).then(|| NAMES.get(usize::from(self.state)).copied())?
    }
}

/// The services among the sockets; sockets that differ in nothing that matters are one.
pub fn listeners(sockets: &[Socket], holders: &BTreeMap<u64, Holder>) -> Vec<Listener> {
    let mut found: Vec<Listener> = Vec::new();
    for socket in sockets.iter().filter(|socket| socket.is_listening()) {
        let holder = holders.get(&socket.inode);
        let listener = Listener {
            protocol: socket.protocol,
            at: socket.local,
            is_dual: socket.version == 6 && socket.local.address.is_unspecified() && !socket.is_v6_only,
            interface: interface(socket.interface),
            process: holder.map(|holder| holder.name.clone()),
            pid: holder.map(|holder| holder.pid),
        };
        if !found.contains(&listener) {
            found.push(listener);
        }
    }
    found.sort_by_key(|listener| (listener.protocol, listener.at.port, listener.at.address));
    found
}

fn interface(number: u32) -> Option<String> {
    if number == 0 {
        return None;
    }
    let name = nix::net::if_::if_indextoname(number).ok();
    Some(name.map_or_else(|| format!("#{number}"), |name| name.to_string_lossy().into_owned()))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};

    use super::*;
    use crate::live::processes;

    /// The sockets of these ports, as both readers tell them.
    fn told(sockets: &[Socket], ports: &[u16]) -> Vec<String> {
        let ours = sockets.iter().filter(|s| ports.contains(&s.local.port) || ports.contains(&s.remote.port));
        let mut told: Vec<String> = ours
            .filter(|socket| is_alive(socket))
            .map(|s| {
                format!("{} {} {} {:?} {:?} {}", s.protocol, s.version, s.state, s.local, s.remote, s.inode)
            })
            .collect();
        told.sort();
        told
    }

    #[test]
    fn both_readers_tell_the_same() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let accepted = listener.accept().unwrap();
        let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
        let ports = [listener.local_addr().unwrap().port(), datagrams.local_addr().unwrap().port()];
        let asked = told(&ask().unwrap(), &ports);
        assert_eq!(asked, told(&proc_net::sockets(), &ports));
        assert_eq!(asked.len(), 4, "{asked:?}");
        drop((client, accepted));
    }

    #[test]
    fn a_service_for_both_families_is_dual() {
        let Ok(dual) = TcpListener::bind("[::]:0") else {
            eprintln!("skipped: no IPv6 here");
            return;
        };
        let port = dual.local_addr().unwrap().port();
        let sockets = read().unwrap();
        let holders = processes::holders(sockets.iter().map(|socket| socket.inode));
        let services = listeners(&sockets, &holders);
        let service =
            services.iter().find(|service| service.at.port == port && service.protocol == TCP).unwrap();
        assert!(service.is_dual && service.pid == Some(std::process::id()), "{service:?}");
    }
}
