//! Addresses, routes and routing rules of this network namespace, by rtnetlink; whether it forwards, by /proc/sys.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ruleset::{Address, Host, Interface, Route, RouteKind, RoutingRule};

use crate::netlink::{Attribute, Attributes, NetlinkError, Protocol, Socket, flags};

const GET_LINKS: u16 = 18;
const GET_ADDRESSES: u16 = 22;
const GET_ROUTES: u16 = 26;
const GET_RULES: u16 = 34;
/// RTM_F_CLONED: a cache entry, no route.
const CLONED: u32 = 0x200;
/// So often a dump is begun anew that something changed meanwhile.
const ATTEMPTS: usize = 5;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The kernel didn't tell.
    #[error("the kernel doesn't tell its {what}")]
    Netlink {
        /// Of what.
        what: &'static str,
        /// Why.
        #[source]
        source: NetlinkError,
    },
}

/// Reads everything that verdicts need to know of the host; changes nothing.
pub fn read() -> Result<Host, HostError> {
    let mut socket = Socket::open(Protocol::Route)
        .map_err(|source| HostError::Netlink { what: "addresses and routes", source })?;
    let mut interfaces = dump(&mut socket, GET_LINKS, "interfaces", interface)?;
    interfaces.sort_by_key(|interface| interface.index);
    for (index, address) in dump(&mut socket, GET_ADDRESSES, "addresses", address)? {
        if let Some(of) = interfaces.iter_mut().find(|interface| interface.index == index) {
            of.addresses.push(address);
        }
    }
    let names: BTreeMap<u32, String> =
        interfaces.iter().map(|interface| (interface.index, interface.name.clone())).collect();
    let routes = dump(&mut socket, GET_ROUTES, "routes", |message| route(message, &names))?;
    let mut rules = dump(&mut socket, GET_RULES, "routing rules", rule)?;
    rules.sort_by_key(|rule| (rule.version, rule.priority));
    let is_on = |path: &str| std::fs::read_to_string(path).is_ok_and(|text| text.trim() != "0");
    Ok(Host {
        is_known: true,
        interfaces,
        routes,
        rules,
        forwards_v4: is_on("/proc/sys/net/ipv4/ip_forward"),
        forwards_v6: is_on("/proc/sys/net/ipv6/conf/all/forwarding"),
    })
}

fn dump<T>(
    socket: &mut Socket,
    kind: u16,
    what: &'static str,
    read: impl Fn(&[u8]) -> Option<T>,
) -> Result<Vec<T>, HostError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let mut found = Vec::new();
        // A header of one family byte is understood by all of them: of any family.
        let asked = socket.ask(kind, flags::DUMP, vec![0; 16], |answer, payload| {
            // Each GET message is answered by the NEW one, two numbers lower.
            if answer == kind - 2
                && let Some(one) = read(payload)
            {
                found.push(one);
            }
        });
        match asked {
            Ok(()) => return Ok(found),
            Err(NetlinkError::Interrupted) if attempts < ATTEMPTS => {}
            Err(source) => return Err(HostError::Netlink { what, source }),
        }
    }
}

/// `ifinfomsg`: family, padding, type (2), index (4), flags (4), change (4).
fn interface(message: &[u8]) -> Option<Interface> {
    let index = word(message, 4)?;
    let flags = word(message, 8)?;
    let attributes = Attributes::new(message.get(16..)?);
    Some(Interface {
        name: attributes.find(3)?.text(),
        index,
        is_up: flags & 1 != 0,
        is_loopback: flags & 8 != 0,
        addresses: Vec::new(),
        master: attributes.find(10).and_then(Attribute::ne32),
    })
}

/// `ifaddrmsg`: family, length of the prefix, flags, scope, index (4).
fn address(message: &[u8]) -> Option<(u32, Address)> {
    let attributes = Attributes::new(message.get(8..)?);
    // On a point-to-point link ADDRESS is the other end; LOCAL is ours.
    let own = attributes.find(2).or_else(|| attributes.find(1))?;
    Some((word(message, 4)?, Address { address: ip(own.payload)?, prefix: message[1] }))
}

/// `rtmsg`: family, lengths of destination and source prefix, tos, table, protocol, scope, type, flags (4).
fn route(message: &[u8], names: &BTreeMap<u32, String>) -> Option<Route> {
    let head: [u8; 8] = *message.first_chunk()?;
    let [family, prefix, _, _, table, _, _, kind] = head;
    if word(message, 8)? & CLONED != 0 {
        return None;
    }
    let attributes = Attributes::new(message.get(12..)?);
    let found = |number| attributes.find(number);
    let destination = found(1).and_then(|one| ip(one.payload)).or_else(|| unspecified(family))?;
    let name = |index: u32| names.get(&index).cloned();
    let mut interfaces: Vec<String> = found(4).and_then(Attribute::ne32).and_then(name).into_iter().collect();
    if let Some(hops) = found(9) {
        interfaces.extend(hops_of(hops.payload).into_iter().filter_map(name));
    }
    Some(Route {
        table: found(15).and_then(Attribute::ne32).unwrap_or(u32::from(table)),
        destination: Address { address: destination, prefix },
        kind: kind_of(kind),
        interfaces,
        via: found(5).and_then(|one| ip(one.payload)),
        metric: found(6).and_then(Attribute::ne32).unwrap_or_default(),
        source: found(7).and_then(|one| ip(one.payload)),
    })
}

/// Interfaces of a multipath route: `rtnexthop` is length (2), flags, hops, index (4), attributes.
fn hops_of(mut bytes: &[u8]) -> Vec<u32> {
    let mut hops = Vec::new();
    while let (Some(index), Some(length)) = (word(bytes, 4), bytes.first_chunk::<2>()) {
        hops.push(index);
        let length = usize::from(u16::from_ne_bytes(*length)).max(8).next_multiple_of(4);
        bytes = bytes.get(length..).unwrap_or_default();
    }
    hops
}

fn kind_of(number: u8) -> RouteKind {
    match number {
        1 => RouteKind::Unicast,
        2 => RouteKind::Local,
        3 => RouteKind::Broadcast,
        5 => RouteKind::Multicast,
        6..=8 => RouteKind::Refuses,
        9 => RouteKind::Throw,
        _ => RouteKind::Other,
    }
}

/// Attributes of a routing rule that don't restrict it: priority, table, protocol (who made it), padding.
const HARMLESS: &[u16] = &[6, 15, 18, 21];

/// `fib_rule_hdr`: family, lengths of destination and source prefix, tos, table, two unused, action, flags (4).
fn rule(message: &[u8]) -> Option<RoutingRule> {
    let head: [u8; 8] = *message.first_chunk()?;
    let [family, to_prefix, from_prefix, tos, table, _, _, action] = head;
    let version = match i32::from(family) {
        nix::libc::AF_INET => 4,
        nix::libc::AF_INET6 => 6,
        _ => return None,
    };
    let flags = word(message, 8)?;
    let mut rule = RoutingRule {
        version,
        priority: 0,
        from: None,
        to: None,
        in_interface: None,
        out_interface: None,
        mark: None,
        table: Some(u32::from(table)),
        // Inverted, or by type of service.
        is_opaque: flags & 2 != 0 || tos != 0,
    };
    let mut mark = (None, u32::MAX);
    for attribute in Attributes::new(message.get(12..)?) {
        let network = |prefix| ip(attribute.payload).map(|address| Address { address, prefix });
        match attribute.number {
            1 => rule.to = network(to_prefix),
            2 => rule.from = network(from_prefix),
            3 => rule.in_interface = Some(attribute.text()),
            17 => rule.out_interface = Some(attribute.text()),
            10 => mark.0 = attribute.ne32(),
            16 => mark.1 = attribute.ne32().unwrap_or(u32::MAX),
            // -1: nothing is suppressed.
            14 if attribute.ne32() == Some(u32::MAX) => {}
            number if !HARMLESS.contains(&number) => rule.is_opaque = true,
            _ => {}
        }
        match attribute.number {
            6 => rule.priority = attribute.ne32().unwrap_or_default(),
            15 => rule.table = attribute.ne32().or(rule.table),
            _ => {}
        }
    }
    rule.mark = mark.0.filter(|value| *value != 0 || mark.1 != 0).map(|value| (value, mark.1));
    // 1: looks up a table.
    if action != 1 {
        rule.table = None;
    }
    Some(rule)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_ne_bytes(*four))
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => bytes.first_chunk::<4>().map(|four| IpAddr::from(*four)),
        16 => bytes.first_chunk::<16>().map(|all| IpAddr::from(*all)),
        _ => None,
    }
}

fn unspecified(family: u8) -> Option<IpAddr> {
    match i32::from(family) {
        nix::libc::AF_INET => Some(IpAddr::from([0; 4])),
        nix::libc::AF_INET6 => Some(IpAddr::from([0; 16])),
        _ => None,
    }
}
