//! Rules as people write them: what iptables makes of them means what was read.

use ruleset::iptables::{normal_form, normal_form_of};
use ruleset::{Action, Family, Step, Test};

use super::{PROGRAMS, assert_comes_back, dump, loaded_and_saved, obstacle, rules};

/// Table, chain, rule: of IPv4 and IPv6 alike.
const BOTH: &[(&str, &str, &str)] = &[
    ("filter", "INPUT", "-p tcp --dport 22 ! --sport 53 -i eth0 -j ACCEPT"),
    ("filter", "INPUT", "--protocol tcp --destination-port 1024: -j ACCEPT"),
    ("filter", "INPUT", "-p tcp --dport :1023 -j own"),
    ("filter", "INPUT", "-p 6 --dport 0x16 -g own"),
    ("filter", "INPUT", "-p tcp -m multiport ! --ports 22,80:90 -j DROP"),
    ("filter", "INPUT", "-p udp -m multiport --source-ports 1,2,3 -j DROP"),
    (
        "filter",
        "INPUT",
        "-p tcp -m conntrack --ctstate NEW,ESTABLISHED,RELATED,INVALID,UNTRACKED,SNAT,DNAT -j DROP",
    ),
    ("filter", "INPUT", "-m conntrack ! --ctstate DNAT,NEW --ctdir REPLY -j DROP"),
    (
        "filter",
        "INPUT",
        "-m conntrack --ctstate INVALID --ctorigdstport 80 --ctstatus SEEN_REPLY,ASSURED -j DROP",
    ),
    ("filter", "INPUT", "-m conntrack --ctproto udp --ctreplsrcport 1:9 ! --ctrepldstport 7 --ctstatus NONE"),
    ("filter", "INPUT", "-m state --state RELATED,ESTABLISHED -j ACCEPT"),
    ("filter", "INPUT", "-p tcp --tcp-flags ALL NONE -j LOG --log-prefix \"a:b \" --log-level 7"),
    ("filter", "INPUT", "-p tcp --tcp-flags ALL ALL -j REJECT"),
    (
        "filter",
        "INPUT",
        "-p tcp ! --syn -m mark ! --mark 1/255 -m connmark --mark 3 -j REJECT --reject-with tcp-reset",
    ),
    ("filter", "INPUT", "-m addrtype --dst-type LOCAL,MULTICAST ! --src-type UNICAST -j DROP"),
    ("filter", "INPUT", "-m addrtype --dst-type LOCAL --limit-iface-in -j DROP"),
    ("filter", "INPUT", "! -i eth+ ! -p 47 -j DROP"),
    ("filter", "INPUT", "-m comment --comment \"it's a \\\"x\\\" -j y \\\\\" -j DROP"),
    ("filter", "INPUT", "-m comment --comment -j -j DROP"),
    ("filter", "INPUT", "-m mac ! --mac-source 01:02:03:04:05:0a -m pkttype --pkt-type broadcast -j DROP"),
    ("filter", "INPUT", "-m dscp --dscp-class AF21 -m tos ! --tos 0x10 -m length --length 100: -j DROP"),
    ("filter", "INPUT", "-p sctp --dport 5 -j DROP"),
    ("filter", "INPUT", "-p sctp --chunk-types any INIT,ABORT -j DROP"),
    ("filter", "INPUT", "-p dccp --sport 5 -j DROP"),
    ("filter", "INPUT", "-p 200 -j NFQUEUE"),
    ("filter", "INPUT", "-j NFQUEUE --queue-balance 3:5 --queue-bypass"),
    (
        "filter",
        "INPUT",
        "-m limit --limit 5/minute --limit-burst 5 -j NFLOG --nflog-group 3 --nflog-prefix \"x y\"",
    ),
    ("filter", "INPUT", "-m recent --name ssh --rcheck --seconds 60 --hitcount 3 -j DROP"),
    (
        "filter",
        "INPUT",
        "-m hashlimit --hashlimit-name a --hashlimit-above 3/sec --hashlimit-mode srcip -j DROP",
    ),
    ("filter", "INPUT", "-m connlimit --connlimit-above 3 -j DROP"),
    ("filter", "INPUT", "-m string --algo bm --string \"a -j ACCEPT \\\" b\" -j DROP"),
    ("filter", "INPUT", "-m string --algo kmp --hex-string \"|0d0a|x\" -j DROP"),
    ("filter", "INPUT", "-m statistic --mode random --probability 0.5 -j DROP"),
    ("filter", "INPUT", "-m time --timestart 01:00 --timestop 02:00 --weekdays Mon,Tue -j DROP"),
    ("filter", "INPUT", "-m quota --quota 1000 -j ACCEPT"),
    ("filter", "INPUT", "-m u32 --u32 \"0x0=0x0&&0x4=0x1:0x2\" -j DROP"),
    ("filter", "INPUT", "-m helper --helper \"ftp-21\" -j ACCEPT"),
    ("filter", "INPUT", "-m cpu --cpu 0 -j ACCEPT"),
    ("filter", "INPUT", "-m connbytes --connbytes 1:2 --connbytes-dir both --connbytes-mode bytes -j DROP"),
    ("filter", "INPUT", "-m policy --dir in --pol none -j DROP"),
    ("filter", "INPUT", "-j own"),
    ("filter", "INPUT", ""),
    ("filter", "OUTPUT", "-o lo -m owner --uid-owner 0-99 -j RETURN"),
    ("filter", "OUTPUT", "-m owner ! --gid-owner 5 -j RETURN"),
    ("filter", "FORWARD", "-i a -o b+ -p tcp --tcp-flags SYN,RST SYN -j own"),
    ("mangle", "PREROUTING", "-j MARK --set-mark 1/2"),
    ("mangle", "PREROUTING", "-j MARK --and-mark 0xff"),
    ("mangle", "PREROUTING", "-j MARK --or-mark 1"),
    ("mangle", "PREROUTING", "-j MARK --xor-mark 1"),
    ("mangle", "PREROUTING", "-j CONNMARK --save-mark"),
    ("mangle", "PREROUTING", "-j CONNMARK --restore-mark --mask 255"),
    ("mangle", "PREROUTING", "-j CONNMARK --set-mark 7"),
    ("mangle", "PREROUTING", "-j TOS --set-tos 4"),
    ("mangle", "PREROUTING", "-p tcp -j TPROXY --on-port 80"),
    ("mangle", "PREROUTING", "-m socket --transparent -j MARK --set-mark 1"),
    ("mangle", "PREROUTING", "-m rpfilter --invert -j DROP"),
    ("mangle", "FORWARD", "-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"),
    ("mangle", "POSTROUTING", "-j CLASSIFY --set-class 1:2"),
    ("raw", "PREROUTING", "-j NOTRACK"),
    ("raw", "PREROUTING", "-j CT --notrack"),
    ("raw", "PREROUTING", "-j CT --zone 3"),
    ("raw", "PREROUTING", "-j TRACE"),
    ("nat", "PREROUTING", "-p tcp -j REDIRECT --to-ports 80-90"),
    ("nat", "POSTROUTING", "-p tcp -j MASQUERADE --to-ports 80-90 --random"),
];

const V4: &[(&str, &str, &str)] = &[
    ("filter", "INPUT", "-s 10.0.0.1 -d 10.0.0.9/8 -j DROP"),
    ("filter", "INPUT", "-s 10.0.0.1/255.0.0.255 ! -d 1.2.3.0/24 -j DROP"),
    ("filter", "INPUT", "-f -j DROP"),
    ("filter", "INPUT", "! -f -p icmp --icmp-type any -j DROP"),
    ("filter", "INPUT", "-p icmp --icmp-type echo-request -m ttl --ttl-lt 5 -j DROP"),
    ("filter", "INPUT", "-p icmp ! --icmp-type 3/1 -m ttl ! --ttl-eq 5 -j DROP"),
    ("filter", "INPUT", "-p icmp --icmp-type host-unreachable -m ttl --ttl-gt 7 -j DROP"),
    ("filter", "INPUT", "-m iprange --src-range 10.0.0.1-10.0.0.9 ! --dst-range 10.0.0.1-10.0.0.9 -j DROP"),
    ("filter", "INPUT", "-m conntrack --ctorigsrc 10.0.0.0/8 ! --ctorigdst 1.2.3.4 -j DROP"),
    ("filter", "INPUT", "-j REJECT --reject-with host-unreach"),
    ("mangle", "PREROUTING", "-j TTL --ttl-set 4"),
    ("nat", "PREROUTING", "-p tcp -j DNAT --to-destination 1.2.3.4-1.2.3.9:80-90 --random --persistent"),
    ("nat", "PREROUTING", "-j DNAT --to-destination 1.2.3.4"),
    ("nat", "POSTROUTING", "-p tcp -j SNAT --to-source :80-90"),
    ("nat", "POSTROUTING", "-j SNAT --to-source 9.9.9.9 --random-fully"),
    ("nat", "POSTROUTING", "-j NETMAP --to 10.0.0.0/8"),
];

const V6: &[(&str, &str, &str)] = &[
    ("filter", "INPUT", "-s fe80::1/10 ! -d 2001:db8::1 -j DROP"),
    ("filter", "INPUT", "-s ::1/::ff -j DROP"),
    ("filter", "INPUT", "-p icmpv6 --icmpv6-type echo-request -m hl --hl-lt 5 -j DROP"),
    ("filter", "INPUT", "-p ipv6-icmp ! --icmpv6-type 1/4 -m hl --hl-eq 255 -j DROP"),
    ("filter", "INPUT", "-m iprange --src-range fe80::1-fe80::9 -j DROP"),
    ("filter", "INPUT", "-m rt --rt-type 0 -j DROP"),
    ("filter", "INPUT", "-m frag --fragfirst -j DROP"),
    ("filter", "INPUT", "-j REJECT --reject-with no-route"),
    ("mangle", "PREROUTING", "-j HL --hl-set 4"),
    ("nat", "PREROUTING", "-p tcp -j DNAT --to-destination [2001:db8::1-2001:db8::9]:80"),
    ("nat", "PREROUTING", "-j DNAT --to-destination 2001:db8::1"),
];

#[test]
fn what_iptables_makes_of_a_rule_means_the_same() {
    if let Some(why) = obstacle() {
        eprintln!("skipped: {why}");
        return;
    }
    for (program, backend, family) in PROGRAMS {
        let own = if family == Family::Ip6 { V6 } else { V4 };
        let mut text = String::new();
        for table in ["filter", "mangle", "raw", "nat"] {
            let of_table = || BOTH.iter().chain(own).filter(|(of, ..)| *of == table);
            let lines: Vec<String> =
                of_table().map(|(_, chain, rule)| format!("[12:3456] -A {chain} {rule}")).collect();
            text.push_str(&dump(table, ":own - [0:0]\n", &lines));
        }
        let saved = assert_comes_back(&loaded_and_saved(program, &text), backend, family);
        let (read, notes) = ruleset::iptables::parse(&text, backend, family);
        assert_eq!(notes, [], "{program}");
        for table in &read.tables {
            for chain in table.chains.iter().filter(|chain| !chain.rules.is_empty()) {
                let real = rules(&saved, &table.name, &chain.name);
                assert_eq!(real.len(), chain.rules.len(), "{program} {} {}", table.name, chain.name);
                for (given, real) in chain.rules.iter().zip(real) {
                    check(program, given, real, family);
                }
            }
        }
    }
}

/// The same meaning; and what is opaque is so in both.
fn check(program: &str, given: &ruleset::Rule, real: &ruleset::Rule, family: Family) {
    // ip6tables-nft-restore 1.8.9 forgets the counters that it was given.
    if program != "ip6tables-nft" {
        assert_eq!(given.counters, real.counters, "{program}: {}", given.text);
    }
    assert_eq!(given.comment, real.comment, "{program}: {}", given.text);
    let is_opaque = |rule: &ruleset::Rule| {
        let is_opaque =
            |step: &Step| matches!(step, Step::Test(Test::Opaque { .. }) | Step::Do(Action::Other { .. }));
        rule.steps.iter().any(is_opaque)
    };
    if is_opaque(given) {
        // Options of what is opaque are written as they come; iptables-save spells and orders them its own way.
        assert!(is_opaque(real), "{program}: {} saved as {}", given.text, real.text);
        return;
    }
    assert_eq!(
        normal_form(&given.text, family),
        normal_form_of(real),
        "{program}: {} saved as {}",
        given.text,
        real.text
    );
}
