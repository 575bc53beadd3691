use std::net::IpAddr;

use super::{AddressKind, Routes, Way};
use crate::{Address, Host, Interface, Range, Route, RouteKind, RoutingRule, Values};

fn address(text: &str) -> Address {
    let (address, prefix) = text.split_once('/').unwrap();
    Address { address: address.parse().unwrap(), prefix: prefix.parse().unwrap() }
}

fn route(table: u32, to: &str, kind: RouteKind, interface: &str, metric: u32) -> Route {
    Route {
        table,
        destination: address(to),
        kind,
        interfaces: vec![interface.to_owned()],
        via: None,
        metric,
        source: None,
    }
}

fn host() -> Host {
    let interface = |name: &str, index, own: &[&str]| Interface {
        name: name.to_owned(),
        index,
        is_up: true,
        is_loopback: name == "lo",
        addresses: own.iter().map(|text| address(text)).collect(),
        master: None,
    };
    Host {
        is_known: true,
        interfaces: vec![
            interface("lo", 1, &["127.0.0.1/8", "::1/128"]),
            interface("eth0", 2, &["10.0.0.1/24", "fd00::1/64"]),
        ],
        routes: vec![
            route(255, "127.0.0.0/8", RouteKind::Local, "lo", 0),
            route(255, "127.255.255.255/32", RouteKind::Broadcast, "lo", 0),
            route(255, "10.0.0.255/32", RouteKind::Broadcast, "eth0", 0),
            route(254, "0.0.0.0/0", RouteKind::Unicast, "eth0", 100),
            route(254, "0.0.0.0/0", RouteKind::Unicast, "eth9", 200),
            route(254, "10.0.0.0/24", RouteKind::Unicast, "eth0", 0),
            route(254, "192.0.2.0/24", RouteKind::Refuses, "", 0),
            route(100, "0.0.0.0/0", RouteKind::Unicast, "wg0", 0),
            route(100, "10.9.0.0/16", RouteKind::Throw, "", 0),
        ],
        ..Host::default()
    }
}

#[test]
fn kinds_of_addresses() {
    let host = host();
    let routes = Routes::new(&host);
    let check = |text: &str, expected| {
        assert_eq!(routes.kind(text.parse::<IpAddr>().unwrap()), expected, "{text}");
    };
    check("10.0.0.1", AddressKind::Local);
    check("10.0.0.2", AddressKind::Unicast);
    check("10.0.0.255", AddressKind::Broadcast);
    check("127.0.0.7", AddressKind::Local);
    check("127.255.255.255", AddressKind::Broadcast);
    check("224.0.0.1", AddressKind::Multicast);
    check("0.0.0.0", AddressKind::Broadcast);
    check("255.255.255.255", AddressKind::Broadcast);
    check("fd00::1", AddressKind::Local);
    check("fd00::2", AddressKind::Unicast);
    check("ff02::1", AddressKind::Multicast);
    let local = routes.addresses(4, |kind| kind == AddressKind::Local);
    let range = |first: u128, last: u128| Range { first, last };
    assert_eq!(local, Values::Ranges(vec![range(0x0a00_0001, 0x0a00_0001), range(0x7f00_0000, 0x7fff_fffe)]));
}

#[test]
fn ways() {
    let mut host = host();
    let check = |host: &Host, to: &str, mark, expected: Way| {
        let way = Routes::new(host).way(to.parse().unwrap(), None, mark, Some("eth0"));
        assert_eq!(way, expected, "{to} {mark:?}");
    };
    let out = |name: &str| Way::Out(vec![name.to_owned()]);
    host.routes.push(route(255, "10.0.0.1/32", RouteKind::Local, "eth0", 0));
    check(&host, "10.0.0.1", Some(0), Way::Here);
    check(&host, "198.51.100.1", Some(0), out("eth0"));
    check(&host, "192.0.2.1", Some(0), Way::Nowhere("its route refuses it"));
    check(&host, "fd01::1", Some(0), Way::Nowhere("there is no route to it"));
    let rule = |priority, mark, table| RoutingRule {
        version: 4,
        priority,
        from: None,
        to: None,
        in_interface: None,
        out_interface: None,
        mark,
        table: Some(table),
        is_opaque: false,
    };
    host.rules = vec![rule(32_766, None, 254), rule(0, None, 255), rule(5, Some((1, 0xff)), 100)];
    check(&host, "198.51.100.1", Some(0), out("eth0"));
    check(&host, "198.51.100.1", Some(0x101), out("wg0"));
    check(&host, "10.9.1.1", Some(1), out("eth0"));
    check(&host, "198.51.100.1", None, Way::Unknown("a routing rule asks for what is not known"));
    host.rules[2].is_opaque = true;
    check(&host, "198.51.100.1", Some(1), Way::Unknown("a routing rule asks for what is not known"));
}
