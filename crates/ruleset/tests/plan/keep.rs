//! `default deny incoming`: what it would shut out, and the rules that keep it.

use insta::assert_snapshot;
use ruleset::ufw::Options;
use ruleset::{Backend, Endpoint, Family, Flow, FlowSource, Listener, Tuple, WayIn, WayInSource, plan};

use crate::case::Case;

const OPEN: &str = "*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.66/32 -j DROP
COMMIT
";

fn end(address: &str, port: u16) -> Endpoint {
    Endpoint { address: address.parse().expect("an address"), port }
}

fn flow(peer: (&str, u16), here: (&str, u16), is_outgoing: bool) -> Flow {
    let (from, to) = (end(peer.0, peer.1), end(here.0, here.1));
    Flow {
        protocol: 6,
        original: Tuple { from, to },
        reply: Tuple { from: to, to: from },
        source: FlowSource::Socket,
        status: 0,
        mark: 0,
        zone: 0,
        tcp_state: Some("ESTABLISHED".into()),
        is_local: true,
        is_outgoing: Some(is_outgoing),
        process: None,
    }
}

/// Four nodes use this server, one of them by IPv6; it uses another one itself; somebody is logged in.
fn server(options: Options) -> Case {
    let mut case = Case::v4(OPEN).with(
        &OPEN.replace("192.0.2.66/32", "2001:db8::66/128"),
        Backend::IptablesNft,
        Family::Ip6,
    );
    case.options = options;
    case.flows = vec![
        flow(("10.0.0.2", 40_001), ("10.0.0.1", 5432), false),
        flow(("10.0.0.2", 40_002), ("10.0.0.1", 6379), false),
        flow(("10.0.0.3", 40_003), ("10.0.0.1", 5432), false),
        flow(("fd00::4", 40_004), ("fd00::1", 5432), false),
        flow(("10.0.0.9", 443), ("10.0.0.1", 50_000), true),
    ];
    case.ways_in = vec![WayIn {
        peer: end("10.0.0.7", 4711),
        here: end("10.0.0.1", 22),
        source: WayInSource::Environment,
    }];
    case.observed =
        vec![plan::Observed { protocol: 6, port: 6379, peer: "10.0.0.5".parse().expect("an address") }];
    let listener = |port, address: &str, protocol| Listener {
        protocol,
        at: end(address, port),
        is_dual: address == "::",
        interface: None,
        process: None,
        pid: None,
    };
    case.listeners = vec![
        listener(22, "::", 6),
        listener(5432, "::", 6),
        listener(6379, "0.0.0.0", 6),
        listener(25, "127.0.0.1", 6),
        listener(8080, "0.0.0.0", 6),
        listener(68, "0.0.0.0", 17),
    ];
    case
}

#[test]
fn the_rules_that_keep_what_is_there() {
    let keep = Options { keep_present: true, ..Options::default() };
    let case = server(keep);
    assert_snapshot!(case.plan("default deny incoming"), @r#"
    iptables -I INPUT 2 -i lo -j ACCEPT
    iptables -I INPUT 3 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    iptables -I INPUT 4 -p icmp -m icmp --icmp-type 3 -j ACCEPT
    iptables -I INPUT 5 -p icmp -m icmp --icmp-type 11 -j ACCEPT
    iptables -I INPUT 6 -p icmp -m icmp --icmp-type 12 -j ACCEPT
    iptables -I INPUT 7 -p icmp -m icmp --icmp-type 8 -j ACCEPT
    iptables -I INPUT 8 -p udp -m udp --sport 67 --dport 68 -j ACCEPT
    iptables -I INPUT 9 -s 10.0.0.7/32 -p tcp -m tcp --dport 22 -j ACCEPT
    iptables -I INPUT 10 -s 10.0.0.2/32 -p tcp -m multiport --dports 5432,6379 -j ACCEPT
    iptables -I INPUT 11 -s 10.0.0.3/32 -p tcp -m tcp --dport 5432 -j ACCEPT
    iptables -I INPUT 12 -s 10.0.0.5/32 -p tcp -m tcp --dport 6379 -j ACCEPT
    iptables -I INPUT 13 -s 10.0.0.9/32 -p tcp -m tcp --sport 443 --dport 50000 -j ACCEPT
    iptables -P INPUT DROP
    ip6tables -I INPUT 2 -i lo -j ACCEPT
    ip6tables -I INPUT 3 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    ip6tables -I INPUT 4 -p ipv6-icmp -m icmp6 --icmpv6-type 1 -j ACCEPT
    ip6tables -I INPUT 5 -p ipv6-icmp -m icmp6 --icmpv6-type 2 -j ACCEPT
    ip6tables -I INPUT 6 -p ipv6-icmp -m icmp6 --icmpv6-type 3 -j ACCEPT
    ip6tables -I INPUT 7 -p ipv6-icmp -m icmp6 --icmpv6-type 4 -j ACCEPT
    ip6tables -I INPUT 8 -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT
    ip6tables -I INPUT 9 -p ipv6-icmp -m icmp6 --icmpv6-type 129 -j ACCEPT
    ip6tables -I INPUT 10 -p ipv6-icmp -m icmp6 --icmpv6-type 133 -m hl --hl-eq 255 -j ACCEPT
    ip6tables -I INPUT 11 -p ipv6-icmp -m icmp6 --icmpv6-type 134 -m hl --hl-eq 255 -j ACCEPT
    ip6tables -I INPUT 12 -p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j ACCEPT
    ip6tables -I INPUT 13 -p ipv6-icmp -m icmp6 --icmpv6-type 136 -m hl --hl-eq 255 -j ACCEPT
    ip6tables -I INPUT 14 -p ipv6-icmp -m icmp6 --icmpv6-type 141 -m hl --hl-eq 255 -j ACCEPT
    ip6tables -I INPUT 15 -p ipv6-icmp -m icmp6 --icmpv6-type 142 -m hl --hl-eq 255 -j ACCEPT
    ip6tables -I INPUT 16 -p ipv6-icmp -m icmp6 --icmpv6-type 148 -m hl --hl-eq 255 -j ACCEPT
    ip6tables -I INPUT 17 -p ipv6-icmp -m icmp6 --icmpv6-type 149 -m hl --hl-eq 255 -j ACCEPT
    ip6tables -I INPUT 18 -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 130 -j ACCEPT
    ip6tables -I INPUT 19 -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 131 -j ACCEPT
    ip6tables -I INPUT 20 -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 132 -j ACCEPT
    ip6tables -I INPUT 21 -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 143 -j ACCEPT
    ip6tables -I INPUT 22 -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 151 -m hl --hl-eq 1 -j ACCEPT
    ip6tables -I INPUT 23 -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 152 -m hl --hl-eq 1 -j ACCEPT
    ip6tables -I INPUT 24 -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 153 -m hl --hl-eq 1 -j ACCEPT
    ip6tables -I INPUT 25 -s fd00::4/128 -p tcp -m tcp --dport 5432 -j ACCEPT
    ip6tables -P INPUT DROP
    note: IPv4: nobody uses 8080/tcp now: closed for new peers (`observe --for 24h` first, or `allow ...`)
    note: IPv6: nobody uses 22/tcp now: closed for new peers (`observe --for 24h` first, or `allow ...`)
    "#);
    let made = plan::make(&case.edit(&["default", "deny"]), &case.state()).expect("a plan");
    assert_eq!((made.impact.cut.len(), made.impact.unsure.len()), (0, 0), "{:?}", made.impact.unsure);
    assert_eq!(plan::refusal(&made), None);
    let way = &made.impact.ways_in[0];
    assert_eq!((way.session_survives, way.login_works), (Some(true), Some(true)));
    // Done twice it changes nothing.
    let done = Case { rules: plan::after(&case.rules, &made.changes), ..case };
    assert_snapshot!(done.plan("default deny incoming"), @"noop: ip INPUT policy: DROP");
}

#[test]
fn without_them_it_is_refused() {
    let case = server(Options::default());
    let made = plan::make(&case.edit(&["default", "deny"]), &case.state()).expect("a plan");
    assert_snapshot!(plan::refusal(&made).expect("a refusal"), @"it cuts the session from 10.0.0.7 (the policy of INPUT); nobody could log in from 10.0.0.7 any more (the policy of INPUT); it cuts 5 live connections");
    assert_snapshot!(made.impact.notes.join("\n"), @r#"
    these rules would keep what is there; --keep-present adds them:
      iptables -A INPUT -i lo -j ACCEPT
      iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      iptables -A INPUT -p icmp -m icmp --icmp-type 3 -j ACCEPT
      iptables -A INPUT -p icmp -m icmp --icmp-type 11 -j ACCEPT
      iptables -A INPUT -p icmp -m icmp --icmp-type 12 -j ACCEPT
      iptables -A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT
      iptables -A INPUT -p udp -m udp --sport 67 --dport 68 -j ACCEPT
      iptables -A INPUT -s 10.0.0.7/32 -p tcp -m tcp --dport 22 -j ACCEPT
      iptables -A INPUT -s 10.0.0.2/32 -p tcp -m multiport --dports 5432,6379 -j ACCEPT
      iptables -A INPUT -s 10.0.0.3/32 -p tcp -m tcp --dport 5432 -j ACCEPT
      iptables -A INPUT -s 10.0.0.5/32 -p tcp -m tcp --dport 6379 -j ACCEPT
      iptables -A INPUT -s 10.0.0.9/32 -p tcp -m tcp --sport 443 --dport 50000 -j ACCEPT
    IPv4: nobody uses 8080/tcp now: closed for new peers (`observe --for 24h` first, or `allow ...`)
      ip6tables -A INPUT -i lo -j ACCEPT
      ip6tables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 1 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 2 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 3 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 4 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 129 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 133 -m hl --hl-eq 255 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 134 -m hl --hl-eq 255 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 136 -m hl --hl-eq 255 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 141 -m hl --hl-eq 255 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 142 -m hl --hl-eq 255 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 148 -m hl --hl-eq 255 -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 149 -m hl --hl-eq 255 -j ACCEPT
      ip6tables -A INPUT -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 130 -j ACCEPT
      ip6tables -A INPUT -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 131 -j ACCEPT
      ip6tables -A INPUT -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 132 -j ACCEPT
      ip6tables -A INPUT -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 143 -j ACCEPT
      ip6tables -A INPUT -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 151 -m hl --hl-eq 1 -j ACCEPT
      ip6tables -A INPUT -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 152 -m hl --hl-eq 1 -j ACCEPT
      ip6tables -A INPUT -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 153 -m hl --hl-eq 1 -j ACCEPT
      ip6tables -A INPUT -s fd00::4/128 -p tcp -m tcp --dport 5432 -j ACCEPT
    IPv6: nobody uses 22/tcp now: closed for new peers (`observe --for 24h` first, or `allow ...`)
    "#);
    assert_snapshot!(plan::commands(&made.changes).join("\n"), @r#"
    iptables -P INPUT DROP
    ip6tables -P INPUT DROP
    "#);
}

#[test]
fn other_defaults() {
    let case = server(Options::default());
    assert_snapshot!(case.plan("default allow incoming"), @"noop: ip INPUT policy: ACCEPT");
    assert_snapshot!(case.plan("default deny routed"), @r#"
    iptables -P FORWARD DROP
    ip6tables -P FORWARD DROP
    "#);
    assert_snapshot!(case.plan("default reject outgoing"), @r#"
    iptables -I OUTPUT 1 -j REJECT --reject-with icmp-port-unreachable
    iptables -P OUTPUT DROP
    ip6tables -I OUTPUT 1 -j REJECT --reject-with icmp6-port-unreachable
    ip6tables -P OUTPUT DROP
    "#);
}
