//! Tracked connections, by ctnetlink or from /proc/net; reading creates nothing and loads nothing.

use std::net::IpAddr;

use ruleset::{Endpoint, Flow, FlowSource, Tuple};

use super::{modules, proc_net};
use crate::netlink::{self, Attribute, Attributes, NetlinkError, flags};

/// NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET.
const GET: u16 = 1 << 8 | 1;
/// NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_NEW: what a dump answers with.
const NEW: u16 = 1 << 8;
/// The states of tracked TCP connections (enum tcp_conntrack).
const STATES: [&str; 10] = [
    "NONE",
    "SYN_SENT",
    "SYN_RECV",
    "ESTABLISHED",
    "FIN_WAIT",
    "CLOSE_WAIT",
    "LAST_ACK",
    "TIME_WAIT",
    "CLOSE",
    "SYN_SENT2",
];

/// What tracking knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tracked {
    /// Flows; whether they end here is not known to tracking.
    pub flows: Vec<Flow>,
    /// Why there may be more; `None` if these are all.
    pub gap: Option<&'static str>,
}

/// All tracked flows but TCP connections that have ended.
pub fn read() -> Result<Tracked, NetlinkError> {
    let is_tracking = proc_net::text("stat/nf_conntrack").is_some() || modules::is_present("nf_conntrack");
    if !is_tracking {
        return Ok(Tracked::default());
    }
    let mut flows = Vec::new();
    let mut gap = None;
    if ["nfnetlink", "nf_conntrack_netlink"].iter().all(|name| modules::is_present(name)) {
        let mut socket = netlink::Socket::open(netlink::Protocol::Netfilter)?;
        let take = |kind, payload: &[u8]| {
            if kind == NEW {
                flows.extend(payload.get(4..).and_then(flow));
            }
        };
        match socket.ask(GET, flags::DUMP, vec![0; 4], take) {
            // Flows come and go while they are read: that is no reason to read them again.
            Ok(()) | Err(NetlinkError::Interrupted) => {}
            // The kernel has no such part: nothing is tracked.
            Err(error) if error.errno() == Some(nix::errno::Errno::EINVAL) => {}
            Err(error) => return Err(error),
        }
    } else if let Some(text) = proc_net::text("nf_conntrack") {
        flows.extend(text.lines().filter_map(line));
    } else {
        gap = Some("tracked connections can't be read without loading the module nf_conntrack_netlink");
    }
    flows.retain(|flow| !matches!(flow.tcp_state.as_deref(), Some("TIME_WAIT" | "CLOSE" | "NONE")));
    Ok(Tracked { flows, gap })
}

fn flow(payload: &[u8]) -> Option<Flow> {
    let attributes = Attributes::new(payload);
    let (protocol, original) = tuple(attributes.find(1)?)?;
    let (_, reply) = tuple(attributes.find(2)?)?;
    let tcp = attributes.find(4).and_then(|info| info.nested().find(1));
    let state = tcp.and_then(|tcp| tcp.nested().find(1)).and_then(Attribute::u8);
    Some(Flow {
        protocol,
        original,
        reply,
        source: FlowSource::Tracked,
        status: attributes.find(3).and_then(Attribute::be32).unwrap_or(0),
        mark: attributes.find(8).and_then(Attribute::be32).unwrap_or(0),
        zone: attributes.find(18).and_then(Attribute::be16).unwrap_or(0),
        tcp_state: state.and_then(|state| STATES.get(usize::from(state))).map(|name| (*name).into()),
        is_local: false,
        is_outgoing: None,
        process: None,
    })
}

/// CTA_TUPLE_IP (1) and CTA_TUPLE_PROTO (2).
fn tuple(attribute: Attribute<'_>) -> Option<(u8, Tuple)> {
    let addresses = attribute.nested().find(1)?.nested();
    let address = |v4, v6| -> Option<IpAddr> {
        match addresses.find(v4) {
            Some(found) => Some(IpAddr::from(*found.payload.first_chunk::<4>()?)),
            None => Some(IpAddr::from(*addresses.find(v6)?.payload.first_chunk::<16>()?)),
        }
    };
    let transport = attribute.nested().find(2)?.nested();
    let number = |number| transport.find(number).and_then(Attribute::be16);
    // An echo has an id (4; of ICMPv6 7) where others have ports.
    let echo = number(4).or_else(|| number(7));
    let from = Endpoint { address: address(1, 3)?, port: number(2).or(echo).unwrap_or(0) };
    let to = Endpoint { address: address(2, 4)?, port: number(3).or(echo).unwrap_or(0) };
    Some((transport.find(1).and_then(Attribute::u8)?, Tuple { from, to }))
}

/// `ipv4 2 tcp 6 431999 ESTABLISHED src=.. dst=.. sport=.. dport=.. src=.. ... [ASSURED] mark=0 zone=0 use=2`
fn line(text: &str) -> Option<Flow> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let values = |name: &str| -> Vec<&str> {
        words.iter().filter_map(|word| word.strip_prefix(name)?.strip_prefix('=')).collect()
    };
    let (sources, destinations) = (values("src"), values("dst"));
    let (from_ports, to_ports, ids) = (values("sport"), values("dport"), values("id"));
    let tuple = |n: usize| -> Option<Tuple> {
        let port = |list: &[&str]| list.get(n).or(ids.get(n)).map_or(Some(0), |text| text.parse().ok());
        Some(Tuple {
            from: Endpoint { address: sources.get(n)?.parse().ok()?, port: port(&from_ports)? },
            to: Endpoint { address: destinations.get(n)?.parse().ok()?, port: port(&to_ports)? },
        })
    };
    let (original, reply) = (tuple(0)?, tuple(1)?);
    let number = |name: &str| values(name).first().and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    // The text tells some bits of the status only: SEEN_REPLY 2, ASSURED 4; translated (16, 32) is what differs between the tuples.
    let seen = if words.contains(&"[UNREPLIED]") { 0 } else { 2 };
    let assured = if words.contains(&"[ASSURED]") { 4 } else { 0 };
    let translated =
        if original.from == reply.to { 0 } else { 16 } | if original.to == reply.from { 0 } else { 32 };
    Some(Flow {
        protocol: words.get(3)?.parse().ok()?,
        original,
        reply,
        source: FlowSource::Tracked,
        status: 8 | seen | assured | translated,
        mark: number("mark"),
        zone: u16::try_from(number("zone")).unwrap_or(0),
        tcp_state: words.get(5).filter(|word| STATES.contains(word)).map(|word| (*word).into()),
        is_local: false,
        is_outgoing: None,
        process: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(flow: Option<Flow>) -> String {
        flow.map_or("none".into(), |flow| {
            let (o, r) = (&flow.original, &flow.reply);
            format!(
                "{} {}:{}>{}:{} {}:{}>{}:{} status {} mark {} {}",
                flow.protocol,
                o.from.address,
                o.from.port,
                o.to.address,
                o.to.port,
                r.from.address,
                r.from.port,
                r.to.address,
                r.to.port,
                flow.status,
                flow.mark,
                flow.tcp_state.unwrap_or_default()
            )
        })
    }

    #[test]
    fn lines_of_proc_net() {
        let check = |text, expected: &str| assert_eq!(told(line(text)), expected);
        check(
            "ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.2 dst=10.0.0.1 sport=40000 dport=8080 src=172.17.0.2 dst=10.0.0.2 sport=80 dport=40000 [ASSURED] mark=7 zone=0 use=2",
            "6 10.0.0.2:40000>10.0.0.1:8080 172.17.0.2:80>10.0.0.2:40000 status 46 mark 7 ESTABLISHED",
        );
        check(
            "ipv6     10 icmpv6   58 29 src=fd00::1 dst=fd00::2 type=128 code=0 id=9 [UNREPLIED] src=fd00::2 dst=fd00::1 type=129 code=0 id=9 mark=0 zone=0 use=2",
            "58 fd00::1:9>fd00::2:9 fd00::2:9>fd00::1:9 status 8 mark 0 ",
        );
        check("junk", "none");
    }

    #[test]
    fn attributes_of_ctnetlink() {
        let mut writer = netlink::Writer::new();
        let side = |writer: &mut netlink::Writer, number, from: [u8; 4], to: [u8; 4], ports: (u16, u16)| {
            writer.nest(number, |tuple| {
                tuple.nest(1, |ip| {
                    ip.bytes(1, &from).bytes(2, &to);
                });
                tuple.nest(2, |proto| {
                    proto.u8(1, 6).be16(2, ports.0).be16(3, ports.1);
                });
            });
        };
        side(&mut writer, 1, [10, 0, 0, 2], [10, 0, 0, 1], (40_000, 22));
        side(&mut writer, 2, [10, 0, 0, 1], [10, 0, 0, 2], (22, 40_000));
        writer.be32(3, 14).be32(8, 3).nest(4, |info| {
            info.nest(1, |tcp| {
                tcp.u8(1, 3);
            });
        });
        let bytes = writer.into_bytes();
        assert_eq!(
            told(flow(&bytes)),
            "6 10.0.0.2:40000>10.0.0.1:22 10.0.0.1:22>10.0.0.2:40000 status 14 mark 3 ESTABLISHED"
        );
        for cut in 0..bytes.len() {
            // Whatever is cut off: no panic, and never a flow with half an address.
            let _ = flow(&bytes[..cut]);
        }
    }
}
