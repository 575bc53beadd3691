//! Hand-written rulesets, each with a trap in it.

use std::net::IpAddr;

use ruleset::verdict::{Judge, Verdict};
use ruleset::{Action, Backend, Ends, Family, Hook, Packet, Ruleset, Step};

use super::space::missing;
use super::world::{Fate, World};

/// Who loads a text.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// nft -f
    Nft,
    /// iptables-nft-restore
    Four,
    /// ip6tables-nft-restore
    Six,
    /// iptables-legacy-restore
    OldFour,
    /// ip6tables-legacy-restore
    OldSix,
    /// ipset restore
    Sets,
}

/// Loads rules into the server.
pub fn load(world: &World, by: By, text: &str) {
    let (program, arguments): (&str, &[&str]) = match by {
        By::Nft => ("nft", &["-f", "-"]),
        By::Four => ("iptables-nft-restore", &["--noflush"]),
        By::Six => ("ip6tables-nft-restore", &["--noflush"]),
        By::OldFour => ("iptables-legacy-restore", &["--noflush"]),
        By::OldSix => ("ip6tables-legacy-restore", &["--noflush"]),
        By::Sets => ("ipset", &["restore"]),
    };
    let text: String = text.lines().map(|line| format!("{}\n", line.trim())).collect();
    world.server.run(program, arguments, &text);
}

/// Packets on the borders of what the rules of this file tell apart.
fn packets(version: u8) -> Vec<Packet> {
    let address =
        |v4: &str, v6: &str| -> IpAddr { if version == 4 { v4 } else { v6 }.parse().expect("an address") };
    let icmp = if version == 4 { 1 } else { 58 };
    let mut packets = Vec::new();
    let ways = [
        (Hook::Prerouting, Some("eth0"), ["10.0.1.2", "fd01::2"], ["10.0.1.1", "fd01::1"]),
        (Hook::Prerouting, Some("eth0"), ["10.8.0.7", "fd08::7"], ["10.0.1.1", "fd01::1"]),
        (Hook::Prerouting, Some("eth0"), ["10.8.0.7", "fd08::7"], ["10.0.2.2", "fd02::2"]),
        (Hook::Prerouting, Some("eth0"), ["10.0.1.2", "fd01::2"], ["10.9.0.9", "fd09::9"]),
        (Hook::Prerouting, Some("eth1"), ["10.0.2.2", "fd02::2"], ["10.0.1.1", "fd01::1"]),
        (Hook::Prerouting, Some("eth1"), ["10.9.0.9", "fd09::9"], ["10.8.0.7", "fd08::7"]),
        (Hook::Output, None, ["10.0.1.1", "fd01::1"], ["10.0.1.2", "fd01::2"]),
        (Hook::Output, None, ["10.0.2.1", "fd02::1"], ["10.9.0.9", "fd09::9"]),
    ];
    for (hook, interface, source, destination) in ways {
        let packet = Packet {
            hook,
            in_interface: interface.map(str::to_owned),
            source: Some(address(source[0], source[1])),
            destination: Some(address(destination[0], destination[1])),
            ttl: Some(64),
            ..Packet::default()
        };
        for (protocol, ports) in [(6, [22, 80, 8080, 443].as_slice()), (17, &[53, 80, 4000])] {
            for port in ports {
                packets.push(Packet {
                    protocol: Some(protocol),
                    source_port: Some(1_024 + port),
                    destination_port: Some(*port),
                    ..packet.clone()
                });
            }
        }
        for flags in [0x10, 0x01, 0x29, 0, 0x12, 0x04] {
            packets.push(Packet {
                protocol: Some(6),
                source_port: Some(1_024),
                destination_port: Some(22),
                tcp_flags: flags,
                ..packet.clone()
            });
        }
        let echo = if version == 4 { 8 } else { 128 };
        packets.push(Packet {
            protocol: Some(icmp),
            icmp_type: Some(echo),
            icmp_code: Some(0),
            ..packet.clone()
        });
        let low = Packet {
            ttl: Some(2),
            protocol: Some(17),
            source_port: Some(9),
            destination_port: Some(53),
            ..packet.clone()
        };
        packets.push(low);
    }
    for packet in &mut packets {
        packet.state = ruleset::verdict::first_state(packet);
    }
    packets
}

/// Each packet fares as the interpreter says.
fn check(loads: &[(By, &str)], versions: &[u8]) {
    if let Some(why) = missing() {
        eprintln!("skipped: {why}");
        return;
    }
    let mut world = World::new();
    for (by, text) in loads {
        load(&world, *by, text);
    }
    let told = compare_readings(&mut world, versions);
    assert!(told[0] > 0 && told[1] + told[2] > 0, "the rules tell nothing apart: {told:?}");
}

/// Compares what is read live, and what iptables saves; how often there was each verdict.
pub fn compare_readings(world: &mut World, versions: &[u8]) -> [usize; 4] {
    let live = world.read();
    assert!(is_read(&live), "not all rules were understood: {:#?}", live.tables);
    let told = compare(world, &live, versions);
    if let Some(saved) = saved(world, &live) {
        compare(world, &saved, versions);
    }
    told
}

/// Were all rules understood?
fn is_read(ruleset: &Ruleset) -> bool {
    let mut rules = ruleset.tables.iter().flat_map(|table| &table.chains).flat_map(|chain| &chain.rules);
    let is_unread = |step: &Step| matches!(step, Step::Do(Action::Other { ends: Ends::Unknown, .. }));
    !rules.any(|rule| rule.steps.iter().any(is_unread))
}

/// The same rules from the texts that iptables prints, if there are no others.
fn saved(world: &World, live: &Ruleset) -> Option<Ruleset> {
    if live.tables.iter().any(|table| table.backend == Backend::Nft) {
        return None;
    }
    let mut all = Ruleset { host: live.host.clone(), ipsets: live.ipsets.clone(), ..Ruleset::default() };
    for (program, backend, family) in [
        ("iptables-nft-save", Backend::IptablesNft, Family::Ip),
        ("ip6tables-nft-save", Backend::IptablesNft, Family::Ip6),
        ("iptables-legacy-save", Backend::IptablesLegacy, Family::Ip),
        ("ip6tables-legacy-save", Backend::IptablesLegacy, Family::Ip6),
    ] {
        let text = world.server.run(program, &[], "");
        let (mut read, notes) = ruleset::iptables::parse(&text, backend, family);
        assert_eq!(notes, [], "{text}");
        all.tables.append(&mut read.tables);
    }
    Some(all)
}

/// Sends packets and compares.
fn compare(world: &mut World, ruleset: &Ruleset, versions: &[u8]) -> [usize; 4] {
    let judge = Judge::new(ruleset);
    let chains = ruleset.tables.iter().flat_map(|table| &table.chains);
    let is_silent = chains.into_iter().any(|chain| {
        let base = chain.base.as_ref().filter(|base| matches!(base.hook, Hook::Output | Hook::Postrouting));
        base.is_some_and(|base| base.policy == ruleset::Policy::Drop || !chain.rules.is_empty())
    });
    let (mut wrong, mut told) = (Vec::new(), [0; 4]);
    for packet in versions.iter().flat_map(|version| packets(*version)) {
        // Each packet that doesn't come is waited for.
        if wrong.len() >= 3 {
            break;
        }
        let answer = judge.decide(&packet);
        let expected = match answer.verdict {
            Verdict::Accept => Fate::Passed,
            Verdict::Drop => Fate::Lost,
            // What the host's own programs are told comes to them by other ways than packets.
            // And what is told to others may be lost in the host's own output chains.
            Verdict::Reject if packet.hook == Hook::Output || is_silent => Fate::Lost,
            Verdict::Reject => Fate::Rejected,
            Verdict::Depends => {
                wrong.push(format!("{packet:?}\n  depends: {:#?}", answer.assumptions));
                continue;
            }
        };
        told[answer.verdict as usize] += 1;
        world.forget_connections();
        let fate = world.send(&packet, expected);
        let is_told_after_all = answer.verdict == Verdict::Reject && fate == Fate::Rejected;
        if fate != expected && !is_told_after_all {
            wrong.push(format!(
                "{packet:?}\n  {fate:?}, not {:?} by {:?}\n  way {:#?}",
                answer.verdict, answer.decided_by, answer.way
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {told:?} wrong, such as\n{}\nnotes {:?}",
        wrong.len(),
        wrong[..wrong.len().min(3)].join("\n"),
        ruleset.notes
    );
    told
}

#[test]
fn jumps_gotos_and_returns() {
    check(
        &[(
            By::Four,
            "*filter
             :INPUT DROP
             :FORWARD DROP
             :A -
             :B -
             :C -
             -A INPUT -j A
             -A INPUT -g B
             -A INPUT -j ACCEPT
             -A FORWARD -j A
             -A FORWARD -s 10.8.0.0/16 -g B
             -A FORWARD -p icmp -j ACCEPT
             -A A -p tcp --dport 22 -j RETURN
             -A A -p tcp --dport 80 -j ACCEPT
             -A A -p udp -g C
             -A A -p tcp --dport 443 -j REJECT --reject-with tcp-reset
             -A B -p tcp --dport 22 ! -s 10.8.0.7 -j ACCEPT
             -A B -p tcp --dport 8080 -j RETURN
             -A B -p icmp -j REJECT
             -A C -p udp --dport 53 -j ACCEPT
             -A C -s 10.8.0.7 -j RETURN
             -A C -p udp --dport 80 -j DROP
             COMMIT",
        )],
        &[4],
    );
}

#[test]
fn backends_together() {
    check(
        &[
            (
                By::Four,
                "*filter
                 :INPUT ACCEPT
                 -A INPUT -p tcp --dport 22 -j ACCEPT
                 -A INPUT -p tcp --dport 80 -j DROP
                 -A OUTPUT -p udp --dport 53 -o eth1 -j REJECT
                 COMMIT",
            ),
            (
                By::OldFour,
                "*filter
                 :FORWARD DROP
                 -A INPUT -s 10.8.0.7 -p tcp --dport 22 -j DROP
                 -A FORWARD -i eth0 -o eth1 -p tcp -j ACCEPT
                 -A FORWARD -p icmp -j ACCEPT
                 -A OUTPUT ! -d 10.9.0.9 -p tcp --dport 8080 -j DROP
                 COMMIT
                 *mangle
                 -A POSTROUTING -p tcp --dport 443 -o eth1 -j DROP
                 COMMIT",
            ),
            (
                By::Nft,
                "table inet own {
                   chain first {
                     type filter hook input priority -10; policy accept;
                     tcp dport 8080 accept
                     tcp dport 443 drop
                     udp dport { 53, 4000-4010 } ip saddr 10.8.0.0/16 reject
                   }
                   chain last {
                     type filter hook input priority 20; policy accept;
                     iifname \"eth1\" tcp dport 8080 drop
                   }
                   chain odd {
                     type filter hook forward priority 5; policy accept;
                     meta l4proto . th dport { tcp . 80, udp . 53 } drop
                     meta nfproto ipv4 tcp dport vmap { 22 : jump more, 8080 : drop }
                   }
                   chain more { ip saddr != 10.8.0.7 drop; }
                 }
                 table inet asleep { flags dormant; chain x { type filter hook input priority 0; policy drop; }; }",
            ),
        ],
        &[4, 6],
    );
}

#[test]
fn translation() {
    check(
        &[(
            By::Four,
            "*raw
             -A PREROUTING -p udp --dport 4000 -j CT --notrack
             -A PREROUTING -p tcp --dport 443 -i eth1 -j DROP
             COMMIT
             *mangle
             -A PREROUTING -p udp --dport 80 -j MARK --set-mark 7
             -A INPUT -p tcp --dport 8443 -j MARK --set-xmark 0x10/0xff
             COMMIT
             *nat
             -A PREROUTING -p tcp --dport 8080 -m addrtype --dst-type LOCAL -j DNAT --to-destination 10.0.2.2:80
             -A PREROUTING -p tcp --dport 443 -j REDIRECT --to-ports 8443
             -A PREROUTING -p udp --dport 53 -d 10.0.2.2 -j DNAT --to-destination 10.0.1.1:5353
             -A PREROUTING -m mark --mark 7 -j DNAT --to-destination 10.0.1.1
             -A OUTPUT -p tcp --dport 80 -d 10.0.1.2 -j DNAT --to-destination 10.0.2.2:81
             -A POSTROUTING -o eth1 -s 10.8.0.0/16 -j SNAT --to-source 10.0.2.1
             -A POSTROUTING -o eth1 -p icmp -j MASQUERADE
             COMMIT
             *filter
             :INPUT DROP
             :FORWARD DROP
             -A INPUT -p tcp --dport 8443 -m mark --mark 0x10/0xff -j ACCEPT
             -A INPUT -p udp --dport 5353 -m conntrack --ctorigdstport 53 --ctstate NEW,DNAT -j ACCEPT
             -A INPUT -m mark --mark 7 -m conntrack --ctorigdst 10.0.1.1 -j DROP
             -A INPUT -m mark --mark 7 -m conntrack ! --ctstate DNAT -j DROP
             -A INPUT -m mark --mark 7 -j ACCEPT
             -A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT
             -A INPUT -m conntrack --ctstate INVALID -j REJECT
             -A FORWARD -d 10.0.2.2 -p tcp --dport 80 -m conntrack --ctstate DNAT --ctorigdstport 8080 -j ACCEPT
             -A FORWARD -p icmp -j ACCEPT
             -A FORWARD -p udp -m ttl --ttl-eq 63 -j ACCEPT
             -A OUTPUT -p tcp --dport 81 -o eth1 -j DROP
             -A OUTPUT -p tcp --dport 80 -j DROP
             COMMIT
             *security
             -A FORWARD -p udp --dport 53 -s 10.9.0.9 -j DROP
             COMMIT",
        )],
        &[4],
    );
}

#[test]
fn sets_and_sixes() {
    check(
        &[
            (
                By::Sets,
                "create nets hash:net family inet6
                 add nets fd08::/16
                 add nets fd08::7/128 nomatch
                 create svc hash:ip,port family inet
                 add svc 10.8.0.7,tcp:22
                 add svc 10.0.1.2,udp:53",
            ),
            (
                By::Six,
                "*filter
                 :INPUT DROP
                 :FORWARD DROP
                 -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j REJECT
                 -A INPUT -m set --match-set nets src -j ACCEPT
                 -A INPUT -s fd01::/64 -p tcp -m multiport --dports 22,80,400:500 -j ACCEPT
                 -A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG FIN,PSH,URG -j ACCEPT
                 -A FORWARD -i eth+ -o eth1 -p udp -m udp --dport 53 -j ACCEPT
                 -A FORWARD -p tcp -m tcp ! --syn -m conntrack --ctstate NEW -j ACCEPT
                 COMMIT",
            ),
            (
                By::OldSix,
                "*filter
                 -A FORWARD -p udp -m hl --hl-lt 2 -j DROP
                 COMMIT",
            ),
            (
                By::Four,
                "*filter
                 :INPUT DROP
                 -A INPUT -m set --match-set svc src,dst -j ACCEPT
                 -A FORWARD -m iprange --src-range 10.8.0.1-10.8.0.7 -p tcp -m multiport ! --ports 22,1104 -j DROP
                 -A OUTPUT -m set ! --match-set svc dst,dst -p udp -j DROP
                 COMMIT",
            ),
        ],
        &[4, 6],
    );
}

#[test]
fn priorities_at_one_place() {
    check(
        &[(
            By::Nft,
            "table ip a {
               chain early { type filter hook input priority 0; tcp dport 22 meta mark set 1; }
               chain late { type filter hook input priority 0; meta mark 1 drop; meta mark set 2; }
             }
             table inet b {
               chain last { type filter hook input priority 0; meta mark 2 tcp dport 80 drop; meta mark 2 udp dport 53 drop; }
               chain translate { type nat hook prerouting priority 50; tcp dport 443 redirect to :80; }
               chain before { type filter hook prerouting priority -99; tcp dport 80 ip saddr 10.8.0.7 drop; }
               chain raw { type filter hook prerouting priority -300; ct state invalid udp dport 80 drop; }
             }",
        )],
        &[4, 6],
    );
}
