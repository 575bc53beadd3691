use std::net::IpAddr;

use crate::Field::{Destination as Dst, Source as Src};
use crate::{Field, ipset};

use super::{Asked, Seen};

const SETS: &str = "\
create ips hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x8d5c7b3a
add ips 10.0.0.1
add ips 10.0.0.2 timeout 30 packets 1 bytes 60 comment \"not 10.0.0.9 nomatch\"
create nets hash:net family inet hashsize 1024 maxelem 65536
add nets 10.1.0.0/16
add nets 10.1.2.0/24 nomatch
add nets 10.1.2.3
create six hash:net family inet6
add six 2001:db8::/32
create ipport hash:ip,port family inet
add ipport 10.0.0.1,tcp:80
add ipport 10.0.0.1,icmp:8/0
add ipport 10.0.0.3,icmp:echo-request
create netport hash:net,port family inet
add netport 10.0.0.0/8,udp:53
create triple hash:ip,port,ip family inet
add triple 10.0.0.1,tcp:80,10.9.9.9
create iface hash:net,iface family inet
add iface 10.0.0.0/8,eth0
add iface 10.0.0.0/8,wg wildcard
create ports bitmap:port range 0-1024
add ports 22
create range bitmap:ip range 10.0.0.0-10.0.255.255 netmask 24
add range 10.0.7.0
create macs hash:mac
add macs 01:02:03:04:05:06
create marks hash:ip,mark family inet markmask 0x000000ff
add marks 10.0.0.1,0x00000063
create all list:set size 8
add all ips
add all nets
create odd hash:ip,unheard family inet
";

fn packet(asked: Asked) -> Seen {
    let address = |text: &str| Seen::Address(text.parse::<IpAddr>().expect("an address"));
    match asked {
        Asked::Address(Field::Source) => address("10.0.0.1"),
        Asked::Address(_) => address("10.9.9.9"),
        Asked::Port(Field::SourcePort) => Seen::Port { protocol: 6, port: 40_000 },
        Asked::Port(_) => Seen::Port { protocol: 6, port: 80 },
        Asked::Interface(Field::InInterface) => Seen::Interface("eth0".to_owned()),
        Asked::Interface(_) => Seen::Interface("wg1".to_owned()),
        Asked::Mac(_) => Seen::Mac(0x0102_0304_0506),
        Asked::Mark => Seen::Mark(0x1263),
    }
}

#[test]
fn a_packet_is_in_sets_of_every_type() {
    let (sets, notes) = ipset::parse(SETS);
    assert_eq!(notes, []);
    let rows: &[(&str, &[Field], Option<bool>)] = &[
        ("ips", &[Src], Some(true)),
        ("ips", &[Dst], Some(false)),
        ("ips", &[Src, Dst], Some(true)),
        ("six", &[Src], Some(false)),
        ("ipport", &[Src, Dst], Some(true)),
        ("ipport", &[Src, Src], Some(false)),
        ("ipport", &[Src], Some(false)),
        ("netport", &[Src, Dst], Some(false)),
        ("triple", &[Src, Dst, Dst], Some(true)),
        ("triple", &[Src, Dst, Src], Some(false)),
        ("iface", &[Src, Src], Some(true)),
        ("iface", &[Src, Dst], Some(true)),
        ("ports", &[Dst], Some(false)),
        ("macs", &[Src], Some(true)),
        ("marks", &[Src, Src], Some(true)),
        ("all", &[Src], Some(true)),
        ("all", &[Dst], Some(false)),
        ("odd", &[Src, Dst], None),
        ("missing", &[Src], None),
    ];
    for (name, directions, expected) in rows {
        assert_eq!(ipset::has(&sets, name, directions, &packet), *expected, "{name} {directions:?}");
    }
}

#[test]
fn the_narrowest_network_decides() {
    let (sets, _) = ipset::parse(SETS);
    for (address, expected) in
        [("10.1.9.9", true), ("10.1.2.9", false), ("10.1.2.3", true), ("10.2.0.0", false), ("::1", false)]
    {
        let look = |_| Seen::Address(address.parse().expect("an address"));
        assert_eq!(ipset::has(&sets, "nets", &[Src], &look), Some(expected), "{address}");
    }
    let look = |_| Seen::Address("10.0.7.200".parse().expect("an address"));
    assert_eq!(ipset::has(&sets, "range", &[Src], &look), Some(true));
}

#[test]
fn icmp_has_type_and_code_for_a_port() {
    let (sets, _) = ipset::parse(SETS);
    let look = |address: &'static str| {
        move |asked| match asked {
            Asked::Address(_) => Seen::Address(address.parse().expect("an address")),
            _ => Seen::Port { protocol: 1, port: 0x0800 },
        }
    };
    assert_eq!(ipset::has(&sets, "ipport", &[Src, Dst], &look("10.0.0.1")), Some(true));
    assert_eq!(ipset::has(&sets, "ipport", &[Src, Dst], &look("10.0.0.3")), Some(true));
    assert_eq!(ipset::has(&sets, "ipport", &[Src, Dst], &look("10.0.0.2")), Some(false));
}

#[test]
fn what_is_unknown_is_not_decided() {
    let (sets, _) = ipset::parse(SETS);
    let look = |asked| match asked {
        Asked::Port(_) => Seen::Unknown,
        other => packet(other),
    };
    assert_eq!(ipset::has(&sets, "ipport", &[Src, Dst], &look), None);
    assert_eq!(ipset::has(&sets, "ipport", &[Dst, Dst], &look), Some(false));
    assert_eq!(ipset::has(&sets, "ipport", &[Src, Dst], &|_| Seen::Absent), Some(false));
}

#[test]
fn lines_that_are_not_understood_are_noted() {
    let (sets, notes) = ipset::parse("create a hash:ip\nadd b 1.2.3.4\nnonsense\n\n# fine\nadd a 1.2.3.4\n");
    assert_eq!(sets.len(), 1);
    assert_eq!(sets[0].elements, ["1.2.3.4"]);
    let places: Vec<&str> = notes.iter().map(|note| note.place.as_str()).collect();
    assert_eq!(places, ["line 2", "line 3"]);
}

#[test]
fn names_may_hold_blanks() {
    let (sets, notes) =
        ipset::parse("create a b hash:ip family inet\ncreate a hash:ip\nadd a b 1.2.3.4\nadd a 1.2.3.5\n");
    assert_eq!(notes, []);
    let found: Vec<_> =
        sets.iter().map(|set| (set.name.as_str(), set.kind.as_str(), set.elements.join(" "))).collect();
    assert_eq!(found, [("a b", "hash:ip", "1.2.3.4".to_owned()), ("a", "hash:ip", "1.2.3.5".to_owned())]);
}
