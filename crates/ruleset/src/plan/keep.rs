//! What `default deny incoming` would shut out, and the rules that keep it: the moment of the story.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::State;
use super::planner::{Place, Planner, is_same};
use super::{after, impact};
use crate::ufw::{Network, Ports, number};
use crate::{Endpoint, Family, Flow, FlowSource, Host};

const TCP: u8 = 6;
const UDP: u8 = 17;
/// Ports of one rule.
const MOST_PORTS: usize = 15;
/// Proposals that are told.
const MOST_TOLD: usize = 30;

/// A peer that used a service of this host some time ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Observed {
    /// 6 tcp, 17 udp.
    pub protocol: u8,
    /// The service's port.
    pub port: u16,
    /// Who.
    pub peer: IpAddr,
}

/// Who uses which service of this host: those connected now, those observed, and who is logged in.
pub fn peers(state: &State<'_>) -> Vec<Observed> {
    let mut peers: Vec<Observed> = state.observed.to_vec();
    peers.extend(state.flows.iter().filter_map(|flow| service_of(flow, state)));
    peers.extend(state.ways_in.iter().map(|way| Observed {
        protocol: TCP,
        port: way.here.port,
        peer: way.peer.address,
    }));
    peers.retain(|one| !one.peer.is_loopback());
    peers.sort_unstable();
    peers.dedup();
    peers
}

/// The service that a flow uses, if it came to this host.
pub fn service_of(flow: &Flow, state: &State<'_>) -> Option<Observed> {
    if !flow.is_local || flow.is_outgoing == Some(true) || !matches!(flow.protocol, TCP | UDP) {
        return None;
    }
    // Of an untracked one it may not be known who began it: a port that somebody listens on is a service.
    let port = flow.reply.from.port;
    let is_heard = state.listeners.iter().any(|one| one.protocol == flow.protocol && one.at.port == port);
    let is_own = |address: IpAddr| {
        state.ruleset.host.interfaces.iter().flat_map(|one| &one.addresses).any(|own| own.address == address)
    };
    let is_service = flow.is_outgoing == Some(false) || is_heard;
    (is_service && !is_own(flow.original.from.address)).then_some(Observed {
        protocol: flow.protocol,
        port,
        peer: flow.original.from.address,
    })
}

/// Adds the rules that keep what is there, or tells them.
pub(super) fn plan(planner: &mut Planner<'_>, place: &Place, family: Family) {
    let options = &planner.edit.options;
    let (keeps, networks) = (options.keep_present || options.keep_services, options.keep_services);
    let texts = texts(planner.state, family, networks);
    let chain = planner.chain(place).cloned();
    let is_there = |text: &str| {
        let rule = after::parsed(text, family, &[]);
        chain.as_ref().is_some_and(|chain| chain.rules.iter().any(|own| is_same(own, &rule)))
    };
    let missing: Vec<String> = texts.into_iter().filter(|text| !is_there(text)).collect();
    if keeps {
        let end = chain.as_ref().map_or(0, |chain| chain.rules.len());
        for (offset, text) in missing.iter().enumerate() {
            planner.insert(place, end + offset, text);
        }
    } else if !missing.is_empty() {
        let program = if family == Family::Ip6 { "ip6tables" } else { "iptables" };
        planner.note("these rules would keep what is there; --keep-present adds them:".to_owned());
        for text in missing.iter().take(MOST_TOLD) {
            planner.note(format!("  {program} -A {} {text}", place.chain));
        }
    }
    idle(planner, family);
}

/// Services to which nobody is connected are closed: that is told.
fn idle(planner: &mut Planner<'_>, family: Family) {
    let used = peers(planner.state);
    let mut names: Vec<String> = Vec::new();
    for listener in planner.state.listeners {
        let has_family = listener.is_dual || listener.at.address.is_ipv4() == (family == Family::Ip);
        let is_used = used.iter().any(|one| {
            one.protocol == listener.protocol && one.port == listener.at.port && version(one.peer) == family
        });
        let is_dhcp = listener.protocol == UDP && matches!(listener.at.port, 68 | 546);
        if has_family && !is_used && !is_dhcp && !listener.at.address.is_loopback() {
            names.push(impact::service_name(listener));
        }
    }
    names.sort();
    names.dedup();
    if !names.is_empty() {
        let version = if family == Family::Ip6 { "IPv6" } else { "IPv4" };
        planner.note(format!(
            "{version}: nobody uses {} now: closed for new peers (`observe --for 24h` first, or `allow ...`)",
            names.join(", ")
        ));
    }
}

fn version(address: IpAddr) -> Family {
    if address.is_ipv4() { Family::Ip } else { Family::Ip6 }
}

/// The rules, in their order.
fn texts(state: &State<'_>, family: Family, networks: bool) -> Vec<String> {
    let mut texts =
        vec!["-i lo -j ACCEPT".to_owned(), "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT".to_owned()];
    texts.extend(if family == Family::Ip6 { icmp_v6() } else { icmp_v4() });
    texts.extend(dhcp(state, family));
    texts.extend(services(state, family, networks));
    texts.extend(untracked(state, family));
    texts
}

/// Errors that keep connections alive, and ping.
fn icmp_v4() -> Vec<String> {
    [3, 11, 12, 8].map(|kind| format!("-p icmp -m icmp --icmp-type {kind} -j ACCEPT")).into()
}

/// What RFC 4890, section 4.4.1, says must not be dropped.
fn icmp_v6() -> Vec<String> {
    let rule = |before: &str, kind: u8, after: &str| {
        format!("{before}-p ipv6-icmp -m icmp6 --icmpv6-type {kind}{after} -j ACCEPT")
    };
    let mut texts: Vec<String> = [1, 2, 3, 4, 128, 129].map(|kind| rule("", kind, "")).into();
    // Neighbours are asked on the link only: no router has taken anything off the hop limit.
    texts.extend([133, 134, 135, 136, 141, 142, 148, 149].map(|kind| rule("", kind, " -m hl --hl-eq 255")));
    texts.extend([130, 131, 132, 143].map(|kind| rule("-s fe80::/10 ", kind, "")));
    texts.extend([151, 152, 153].map(|kind| rule("-s fe80::/10 ", kind, " -m hl --hl-eq 1")));
    texts
}

/// A DHCP client, if there is one.
fn dhcp(state: &State<'_>, family: Family) -> Option<String> {
    let listens = |port| state.listeners.iter().any(|one| one.protocol == UDP && one.at.port == port);
    match family {
        Family::Ip6 => {
            listens(546).then(|| "-s fe80::/10 -p udp -m udp --sport 547 --dport 546 -j ACCEPT".to_owned())
        }
        _ => listens(68).then(|| "-p udp -m udp --sport 67 --dport 68 -j ACCEPT".to_owned()),
    }
}

/// Each service for its peers: one rule for the ports of a peer.
fn services(state: &State<'_>, family: Family, networks: bool) -> Vec<String> {
    let mut wanted: BTreeMap<(u8, String), Vec<u16>> = BTreeMap::new();
    let mut order: Vec<(u8, String)> = Vec::new();
    for one in peers(state).into_iter().filter(|one| version(one.peer) == family) {
        let source = source(one.peer, &state.ruleset.host, networks);
        let key = (one.protocol, source);
        if !order.contains(&key) {
            order.push(key.clone());
        }
        let ports = wanted.entry(key).or_default();
        if !ports.contains(&one.port) {
            ports.push(one.port);
        }
    }
    let mut texts = Vec::new();
    for key in order {
        let (protocol, source) = &key;
        let name = if *protocol == TCP { "tcp" } else { "udp" };
        let mut ports = wanted.remove(&key).unwrap_or_default();
        ports.sort_unstable();
        for ports in ports.chunks(MOST_PORTS) {
            let list = Ports(ports.iter().map(|port| (*port, *port)).collect()).text();
            let matching = if ports.len() == 1 {
                format!("-m {name} --dport {list}")
            } else {
                format!("-m multiport --dports {list}")
            };
            texts.push(format!("-s {source} -p {name} {matching} -j ACCEPT"));
        }
    }
    texts
}

/// The peer's address, or the network of this host's that it is in.
fn source(peer: IpAddr, host: &Host, networks: bool) -> String {
    let width: u32 = if peer.is_ipv4() { 32 } else { 128 };
    let lone = format!("{peer}/{width}");
    if !networks {
        return lone;
    }
    let own = host.interfaces.iter().flat_map(|one| &one.addresses);
    let covering = own.filter(|own| own.address.is_ipv4() == peer.is_ipv4()).filter_map(|own| {
        let length = u32::from(own.prefix).min(width);
        let all = if width == 32 { u128::from(u32::MAX) } else { u128::MAX };
        let mask = u128::MAX.checked_shl(width - length).unwrap_or(0) & all;
        let same = number(own.address) & mask == number(peer) & mask;
        (same && mask != 0).then(|| {
            let first = number(peer) & mask;
            let address = match u32::try_from(first) {
                Ok(first) if width == 32 => IpAddr::V4(first.into()),
                _ => IpAddr::V6(first.into()),
            };
            (length, Network { address, mask }.to_string())
        })
    });
    covering.max().map_or(lone, |(_, text)| text)
}

/// This host's own connections that tracking doesn't know yet: an answer that comes first would be new to it.
fn untracked(state: &State<'_>, family: Family) -> Vec<String> {
    let is_open = |flow: &&Flow| {
        flow.source == FlowSource::Socket
            && flow.is_local
            && service_of(flow, state).is_none()
            && version(flow.original.from.address) == family
            && matches!(flow.protocol, TCP | UDP)
    };
    let text = |flow: &Flow| {
        let (peer, here) = peer_and_here(flow);
        let name = if flow.protocol == TCP { "tcp" } else { "udp" };
        let width = if family == Family::Ip6 { 128 } else { 32 };
        let (from, to) = (peer.port, here.port);
        format!("-s {}/{width} -p {name} -m {name} --sport {from} --dport {to} -j ACCEPT", peer.address)
    };
    let alive =
        state.flows.iter().filter(is_open).filter(|flow| !peer_and_here(flow).0.address.is_loopback());
    alive.map(text).collect()
}

/// An untracked flow is written from the peer to us.
fn peer_and_here(flow: &Flow) -> (Endpoint, Endpoint) {
    (flow.original.from, flow.original.to)
}
