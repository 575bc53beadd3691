//! Live flows: what tracking knows and what sockets know, as one list in which no flow is twice.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ruleset::{Endpoint, Flow, FlowSource, Protocol, Tuple};

use super::processes::Holder;
use super::sockets::{Socket, TCP};

/// One end and the other, of a socket of this host.
type Ends = (Protocol, Endpoint, Endpoint);

/// Joins both. `is_own` tells this host's addresses.
pub fn joined(
    tracked: Vec<Flow>,
    sockets: &[Socket],
    holders: &BTreeMap<u64, Holder>,
    is_own: impl Fn(IpAddr) -> bool,
) -> Vec<Flow> {
    let services: BTreeSet<(Protocol, u16)> =
        sockets.iter().filter(|s| s.is_listening()).map(|s| (s.protocol, s.local.port)).collect();
    let mut by_ends: BTreeMap<Ends, &Socket> = BTreeMap::new();
    for socket in sockets.iter().filter(|socket| socket.is_connected()) {
        by_ends.insert((socket.protocol, socket.local, socket.remote), socket);
    }
    let process = |socket: &Socket| holders.get(&socket.inode).map(|holder| holder.name.clone());
    let mut flows = Vec::new();
    for mut flow in tracked {
        // The ends as a socket here sees them: ours is the sender of an outgoing flow, or the sender of the answers to an incoming one.
        let began = by_ends.remove(&(flow.protocol, flow.original.from, flow.original.to));
        let answered = by_ends.remove(&(flow.protocol, flow.reply.from, flow.reply.to));
        let is_ours = is_own(flow.original.from.address);
        flow.is_local = began.is_some() || answered.is_some() || is_ours || is_own(flow.reply.from.address);
        if flow.is_local {
            flow.is_outgoing = Some(began.is_some() || (answered.is_none() && is_ours));
        }
        if let Some(socket) = answered.or(began) {
            flow.source = FlowSource::Both;
            flow.process = process(socket);
        } else if flow.is_local && flow.protocol == TCP {
            // Both ends may be gone for days before tracking forgets a connection; without its socket it is dead.
            continue;
        }
        flows.push(flow);
    }
    let untracked: Vec<&Socket> = by_ends.values().copied().collect();
    for socket in untracked {
        let is_service = services.contains(&(socket.protocol, socket.local.port));
        let has_twin = by_ends.contains_key(&(socket.protocol, socket.remote, socket.local));
        // A connection with ourselves has two sockets; the service's one stands for both.
        if has_twin && !is_service && services.contains(&(socket.protocol, socket.remote.port)) {
            continue;
        }
        let inward = Tuple { from: socket.remote, to: socket.local };
        flows.push(Flow {
            protocol: socket.protocol,
            original: inward,
            reply: Tuple { from: socket.local, to: socket.remote },
            source: FlowSource::Socket,
            status: 0,
            mark: 0,
            zone: 0,
            tcp_state: socket.state_name().map(Into::into),
            is_local: true,
            is_outgoing: if is_service {
                Some(false)
            } else {
                is_ephemeral(socket.local.port).then_some(true)
            },
            process: process(socket),
        });
    }
    flows
}

/// Is it a port that the kernel gives to those who ask for none? Then its owner began the flow.
fn is_ephemeral(port: u16) -> bool {
    // The default range; a host that sets another one gets "can't be told" more often, which is safe.
    (32_768..=60_999).contains(&port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Endpoint {
        let address: std::net::SocketAddr = text.parse().unwrap();
        Endpoint { address: address.ip(), port: address.port() }
    }

    fn socket(state: u8, local: &str, remote: &str, inode: u64) -> Socket {
        let (local, remote) = (at(local), at(remote));
        Socket { protocol: TCP, version: 4, state, local, remote, interface: 0, is_v6_only: false, inode }
    }

    fn tracked(original: (&str, &str), reply: (&str, &str)) -> Flow {
        Flow {
            protocol: TCP,
            original: Tuple { from: at(original.0), to: at(original.1) },
            reply: Tuple { from: at(reply.0), to: at(reply.1) },
            source: FlowSource::Tracked,
            status: 14,
            mark: 0,
            zone: 0,
            tcp_state: Some("ESTABLISHED".into()),
            is_local: false,
            is_outgoing: None,
            process: None,
        }
    }

    fn told(flows: &[Flow]) -> Vec<String> {
        let one = |flow: &Flow| {
            format!(
                "{}:{}>{}:{} {:?} local {} outgoing {:?} {}",
                flow.original.from.address,
                flow.original.from.port,
                flow.original.to.address,
                flow.original.to.port,
                flow.source,
                flow.is_local,
                flow.is_outgoing,
                flow.process.as_deref().unwrap_or("-")
            )
        };
        flows.iter().map(one).collect()
    }

    #[test]
    fn a_flow_known_by_both_is_one() {
        let sockets = [
            socket(10, "0.0.0.0:22", "0.0.0.0:0", 1),
            socket(1, "10.0.0.1:22", "10.0.0.2:40000", 2),
            socket(1, "10.0.0.1:41000", "10.0.0.3:5432", 3),
            socket(1, "10.0.0.1:22", "10.0.0.9:40001", 4),
        ];
        let holders = (1..=4).map(|n| (n, Holder { pid: 7, name: format!("p{n}") })).collect();
        let flows = joined(
            vec![
                tracked(("10.0.0.2:40000", "192.0.2.1:2222"), ("10.0.0.1:22", "10.0.0.2:40000")),
                tracked(("10.0.0.1:41000", "10.0.0.3:5432"), ("10.0.0.3:5432", "10.0.0.1:41000")),
                tracked(("10.0.0.2:9", "10.0.0.1:8080"), ("172.17.0.2:80", "10.0.0.2:9")),
                tracked(("10.0.0.2:8", "10.0.0.1:22"), ("10.0.0.1:22", "10.0.0.2:8")),
            ],
            &sockets,
            &holders,
            |address| address == at("10.0.0.1:0").address,
        );
        assert_eq!(
            told(&flows),
            [
                "10.0.0.2:40000>192.0.2.1:2222 Both local true outgoing Some(false) p2",
                "10.0.0.1:41000>10.0.0.3:5432 Both local true outgoing Some(true) p3",
                "10.0.0.2:9>10.0.0.1:8080 Tracked local false outgoing None -",
                "10.0.0.9:40001>10.0.0.1:22 Socket local true outgoing Some(false) p4",
            ],
            "translated, outgoing, forwarded, untracked; the one without its socket is dead"
        );
    }

    #[test]
    fn a_connection_with_ourselves_is_one() {
        let sockets = [
            socket(10, "127.0.0.1:5432", "0.0.0.0:0", 1),
            socket(1, "127.0.0.1:5432", "127.0.0.1:40000", 2),
            socket(1, "127.0.0.1:40000", "127.0.0.1:5432", 3),
        ];
        let own = |address: IpAddr| address.is_loopback();
        let expected = "127.0.0.1:40000>127.0.0.1:5432 Socket local true outgoing Some(false) -";
        assert_eq!(told(&joined(Vec::new(), &sockets, &BTreeMap::new(), own)), [expected]);
        let both =
            vec![tracked(("127.0.0.1:40000", "127.0.0.1:5432"), ("127.0.0.1:5432", "127.0.0.1:40000"))];
        let expected = "127.0.0.1:40000>127.0.0.1:5432 Both local true outgoing Some(true) -";
        assert_eq!(told(&joined(both, &sockets, &BTreeMap::new(), own)), [expected]);
    }
}
