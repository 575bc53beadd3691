use crate::iptables::{normal_form, parse_rule};
use crate::{Family, Step, Test};

use super::write;

/// Reads a text, and writes it again from its steps.
fn rewritten(text: &str, family: Family) -> Option<String> {
    let rule = parse_rule(text, family);
    let tests: Vec<Test> = rule.tests().cloned().collect();
    let action = match rule.steps.last() {
        Some(Step::Do(action)) => Some(action),
        _ => None,
    };
    write(&tests, action, rule.comment.as_deref(), family)
}

/// What iptables-save prints comes back.
#[test]
fn canonical_texts_come_back() {
    let v4 = [
        "-s 10.0.0.1/32 -i eth0 -p tcp -m tcp ! --sport 53 --dport 22 -j ACCEPT",
        "-p tcp -m multiport --dports 22,80:90 -m conntrack --ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED,SNAT,DNAT -j ACCEPT",
        "-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE -j LOG --log-prefix \"a:b\" --log-level 7",
        "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m mark ! --mark 0x1/0xff -m connmark --mark 0x3 -j REJECT --reject-with tcp-reset",
        "-s 10.0.0.1/255.0.0.255 ! -d 1.2.3.0/24 ! -i eth+ ! -p gre -j DROP",
        "-m conntrack --ctstate NEW,RELATED -m comment --comment \"it\\'s a \\\"x\\\" y\" -j DROP",
        "-f -j DROP",
        "-p icmp -m icmp --icmp-type 8 -m ttl --ttl-lt 5 -m length --length 100:65535 -j DROP",
        "-p udp -m multiport --ports 53,123 -m tos --tos 0x10/0xff -j DROP",
        "-m iprange --src-range 10.0.0.1-10.0.0.9 -m iprange ! --dst-range 10.0.0.1-10.0.0.9 -j DROP",
        "-m conntrack --ctproto 6 --ctorigsrc 10.0.0.0/8 --ctorigdst 1.2.3.4 --ctorigdstport 8080 --ctstatus SEEN_REPLY,ASSURED --ctdir ORIGINAL -j DROP",
        "-m conntrack --ctstate DNAT --ctorigdstport 8080 -j DROP",
        "-m addrtype --dst-type LOCAL -j DOCKER",
        "-m set ! --match-set bad src,dst -j DROP",
        "-p tcp -m tcp --dport 22 -m limit --limit 3/min -j ACCEPT",
        "-p tcp -j DNAT --to-destination 1.2.3.4-1.2.3.9:80-90 --random --persistent",
        "-p tcp -j SNAT --to-source :80-90",
        "-p tcp -j MASQUERADE --to-ports 80-90 --random-fully",
        "-j NETMAP --to 10.0.0.0/8",
        "-j MARK --set-xmark 0x1/0x3",
        "-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff",
        "-g elsewhere",
        "-p tcp",
        "",
    ];
    for text in v4 {
        assert_eq!(rewritten(text, Family::Ip).as_deref(), Some(text));
    }
    let v6 = [
        "-s fe80::/10 -d ff02::fb/128 -p udp -m udp --dport 5353 -j ACCEPT",
        "-p ipv6-icmp -m icmp6 --icmpv6-type 1/4 -m hl --hl-eq 255 -j ACCEPT",
        "-p tcp -j DNAT --to-destination [2001:db8::1]:80",
        "-j REJECT --reject-with icmp6-port-unreachable",
    ];
    for text in v6 {
        assert_eq!(rewritten(text, Family::Ip6).as_deref(), Some(text));
    }
}

#[test]
fn two_negated_ports_are_kept_apart() {
    let text = "-p udp -m udp ! --sport 53 ! --dport 53 -j DROP";
    let again = rewritten(text, Family::Ip).expect("a text");
    assert_eq!(again, "-p udp -m udp ! --sport 53 -m multiport ! --dports 53 -j DROP");
    assert_eq!(normal_form(&again, Family::Ip), normal_form(text, Family::Ip));
}

#[test]
fn what_needs_several_rules_is_not_written() {
    for text in [
        "-s 10.0.0.1,10.9.0.1 -j DROP",
        "-p icmp -m icmp ! --icmp-type 3/1 -j DROP",
        "-m conntrack ! --ctstate DNAT -j DROP",
        "-m conntrack --ctstate INVALID -m conntrack --ctdir REPLY -j DROP",
        "-p tcp -m multiport --dports 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31 -j DROP",
    ] {
        assert_eq!(rewritten(text, Family::Ip), None, "{text}");
    }
}
