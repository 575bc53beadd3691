use crate::{Action, Family, Step, Test, Values};

use super::parse_rule;

/// Steps in a short form: `Protocol 6; DestinationPort not 22; Accept`.
fn short(text: &str, family: Family) -> String {
    let rule = parse_rule(text, family);
    assert_eq!(rule.text, text);
    let steps: Vec<String> = rule
        .steps
        .iter()
        .map(|step| match step {
            Step::Test(test) => test_text(test),
            Step::Do(Action::Other { text, ends }) => format!("{ends:?} {text}"),
            Step::Do(action) => format!("{action:?}"),
        })
        .collect();
    steps.join("; ")
}

fn test_text(test: &Test) -> String {
    let not = |negated: &bool| if *negated { "not " } else { "" };
    match test {
        Test::Field { field, values, negated } => {
            format!("{field:?} {}{}", not(negated), values_text(values))
        }
        Test::Set { set, keys, negated } => format!("{}{set:?} {keys:?}", not(negated)),
        Test::Opaque { text, negated } => format!("{}opaque {text}", not(negated)),
        Test::Any(any) => format!("({})", any.iter().map(test_text).collect::<Vec<_>>().join(" | ")),
    }
}

fn values_text(values: &Values) -> String {
    match values {
        Values::Ranges(ranges) => {
            let one = |range: &crate::Range| {
                if range.first == range.last {
                    range.first.to_string()
                } else {
                    format!("{}-{}", range.first, range.last)
                }
            };
            format!("[{}]", ranges.iter().map(one).collect::<Vec<_>>().join(" "))
        }
        Values::Masked(masked) => {
            let one = |masked: &crate::Masked| format!("{:#x}/{:#x}", masked.value, masked.mask);
            masked.iter().map(one).collect::<Vec<_>>().join(" ")
        }
        Values::AnyBit(bits) => format!("any of {bits}"),
        Values::Names(names) => {
            let one = |name: &crate::Name| format!("{}{}", name.text, if name.is_prefix { "*" } else { "" });
            names.iter().map(one).collect::<Vec<_>>().join(" ")
        }
    }
}

fn check(family: Family, rows: &[(&str, &str)]) {
    for (text, expected) in rows {
        assert_eq!(short(text, family), *expected, "{text}");
    }
}

#[test]
fn what_every_rule_can_have() {
    check(
        Family::Ip,
        &[
            ("-s 10.0.0.0/8 -j ACCEPT", "Source [167772160-184549375]; Accept"),
            ("! -d 10.0.0.1 -j DROP", "Destination not [167772161]; Drop"),
            // The old place of the negation.
            ("-s ! 10.0.0.1 -j DROP", "Source not [167772161]; Drop"),
            ("-p ! tcp -j DROP", "Protocol not [6]; Drop"),
            ("-s 10.0.0.1/255.0.0.255 -j DROP", "Source 0xa000001/0xff0000ff; Drop"),
            (
                "-s 10.0.0.1,10.0.0.2,10.9.0.0/16 -j DROP",
                "Source [167772161-167772162 168361984-168427519]; Drop",
            ),
            ("-s 0.0.0.0/0 -p all -i + -j DROP", "Drop"),
            ("! -s 0.0.0.0/0 -j DROP", "Source not [0-4294967295]; Drop"),
            ("-s host.example -j DROP", "opaque -s host.example; Drop"),
            ("! -s host.example -j DROP", "not opaque -s host.example; Drop"),
            ("-p 0 -j DROP", "Drop"),
            ("-p 47 ! -i eth+ -o lo", "Protocol [47]; InInterface not eth*; OutInterface lo"),
            ("-p nonsense -j DROP", "opaque -p nonsense; Drop"),
            ("-f -j DROP", "Fragment [1]; Drop"),
            ("! -f -j DROP", "Fragment not [1]; Drop"),
            ("-j DROP stray", "Unknown -j DROP stray"),
            ("--unheard -j DROP", "Unknown --unheard -j DROP"),
            ("-j DROP -j ACCEPT", "Unknown -j DROP -j ACCEPT"),
            ("-j", "Unknown -j"),
            ("! -j DROP", "Unknown ! -j DROP"),
        ],
    );
    check(
        Family::Ip6,
        &[(
            "-s ::/0 -d fe80::1/128 -p icmpv6",
            "Destination [338288524927261089654018896841347694593]; Protocol [58]",
        )],
    );
}

#[test]
fn ports_and_flags() {
    check(
        Family::Ip,
        &[
            ("-p tcp -m tcp --dport 22 -j ACCEPT", "Protocol [6]; DestinationPort [22]; Accept"),
            ("-p tcp -m tcp ! --dport 1024:65535", "Protocol [6]; DestinationPort not [1024-65535]"),
            (
                "-p udp -m udp --sport :1023 --dport 53:",
                "Protocol [17]; SourcePort [0-1023]; DestinationPort [53-65535]",
            ),
            ("-p tcp --dport 22 -m udp", "Protocol [6]; Protocol [17]; DestinationPort [22]"),
            // A negated match still needs its protocol, even where `-p` is missing.
            ("-m tcp ! --dport 22", "Protocol [6]; DestinationPort not [22]"),
            ("! -p tcp -m tcp --dport 22", "Protocol not [6]; Protocol [6]; DestinationPort [22]"),
            // Half a match would be a wider rule.
            (
                "-p tcp -m tcp --dport 22 --unheard 3 -j DROP",
                "Protocol [6]; opaque -m tcp --dport 22 --unheard 3; Drop",
            ),
            ("-p tcp -m tcp --dport ssh -j DROP", "Protocol [6]; opaque -m tcp --dport ssh; Drop"),
            ("-p tcp -m tcp --syn", "Protocol [6]; TcpFlags 0x2/0x17"),
            ("-p tcp -m tcp ! --tcp-flags SYN,ACK SYN", "Protocol [6]; TcpFlags not 0x2/0x12"),
            ("-p tcp -m tcp --tcp-flags SYN FIN", "Protocol [6]; TcpFlags []"),
            ("-p tcp -m tcp --tcp-option 2", "Protocol [6]; opaque -m tcp --tcp-option 2"),
            ("-p tcp -m multiport --dports 443,80,81", "Protocol [6]; DestinationPort [80-81 443]"),
            ("-p tcp -m multiport ! --sports 80", "Protocol [6]; SourcePort not [80]"),
            ("-p tcp -m multiport --ports 80", "Protocol [6]; (SourcePort [80] | DestinationPort [80])"),
            (
                "-p tcp -m multiport ! --ports 80",
                "Protocol [6]; SourcePort not [80]; DestinationPort not [80]",
            ),
            (
                "-p tcp -m multiport --ports ! 80",
                "Protocol [6]; SourcePort not [80]; DestinationPort not [80]",
            ),
        ],
    );
}

/// As `conntrack_mt` of the kernel: of a packet without a flow only the state is looked at.
#[test]
fn connection_states() {
    check(
        Family::Ip,
        &[
            ("-m conntrack --ctstate NEW,ESTABLISHED", "CtState any of 10"),
            ("-m state --state INVALID", "CtState any of 1"),
            ("-m state --state DNAT", "opaque -m state --state DNAT"),
            ("-m conntrack ! --ctstate NEW", "CtState not any of 8"),
            ("-m conntrack --ctstate DNAT", "CtStatus any of 32"),
            ("-m conntrack --ctstate NEW,SNAT", "(CtState any of 8 | CtStatus any of 16)"),
            ("-m conntrack ! --ctstate DNAT", "(CtState any of 65 | CtStatus not any of 32)"),
            (
                "-m conntrack ! --ctstate NEW,DNAT",
                "CtState not any of 8; (CtState any of 65 | CtStatus not any of 32)",
            ),
            (
                "-m conntrack --ctstate DNAT --ctorigdstport 80",
                "CtStatus any of 32; CtOriginalDestinationPort [80]",
            ),
            ("-m conntrack --ctorigdstport 80", "CtOriginalDestinationPort [80]"),
            (
                "-m conntrack --ctstate NEW,UNTRACKED --ctorigdstport 80",
                "CtState any of 72; (CtState any of 65 | CtOriginalDestinationPort [80])",
            ),
            (
                "-m conntrack ! --ctstate NEW --ctdir REPLY",
                "CtState not any of 8; (CtState any of 65 | CtDirection [1])",
            ),
            ("-m conntrack --ctstatus NONE", "CtStatus any of 0"),
            ("-m conntrack --ctstate NEW --ctexpire 3", "opaque -m conntrack --ctstate NEW --ctexpire 3"),
        ],
    );
}

#[test]
fn other_matches() {
    check(
        Family::Ip,
        &[
            ("-p icmp -m icmp --icmp-type any", "Protocol [1]"),
            ("-p icmp -m icmp --icmp-type 255/255", "Protocol [1]"),
            ("-p icmp -m icmp ! --icmp-type any", "Protocol [1]; IcmpType not [0-255]"),
            ("-p icmp -m icmp --icmp-type 3/4", "Protocol [1]; IcmpType [3]; IcmpCode [4]"),
            ("-p icmp -m icmp ! --icmp-type 3/4", "Protocol [1]; (IcmpType not [3] | IcmpCode not [4])"),
            ("-p icmp --icmp-type ping", "Protocol [1]; IcmpType [8]"),
            ("-m mark ! --mark 0x1/0xff", "Mark not 0x1/0xff"),
            ("-m mark --mark 0x100/0xff", "Mark []"),
            ("-m connmark --mark 3", "CtMark [3]"),
            ("-m set --match-set a src", "Ipset(\"a\") [Source]"),
            ("-m set ! --match-set a dst,src", "not Ipset(\"a\") [Destination, Source]"),
            ("-m set --match-set name with blanks src -j DROP", "Ipset(\"name with blanks\") [Source]; Drop"),
            ("-m set --match-set src src -j DROP", "Ipset(\"src\") [Source]; Drop"),
            ("-m set --match-set a src --return-nomatch", "opaque -m set --match-set a src --return-nomatch"),
            ("-m owner --uid-owner 0-99", "Uid [0-99]"),
            ("-m owner ! --uid-owner 0", "opaque -m owner ! --uid-owner 0"),
            (
                "-m addrtype --dst-type LOCAL --limit-iface-in",
                "opaque -m addrtype --dst-type LOCAL --limit-iface-in",
            ),
            ("-m ttl --ttl-lt 0", "Ttl []"),
            (
                "-m string --algo bm --string \"-j ACCEPT\" -j DROP",
                "opaque -m string --algo bm --string \"-j ACCEPT\"; Drop",
            ),
            ("-m comment --comment -j -j DROP", "Drop"),
            ("-m comment --comment \"-p tcp\" -m u32 --u32 \"0=1\"", "opaque -m u32 --u32 0=1"),
            (
                "-m limit --limit 3/min -p tcp --dport 22",
                "Protocol [6]; opaque -m limit --limit 3/min; DestinationPort [22]",
            ),
        ],
    );
    check(
        Family::Ip6,
        &[
            // 255 is a type like any other in IPv6.
            ("-p ipv6-icmp -m icmp6 --icmpv6-type 255", "Protocol [58]; IcmpType [255]"),
            ("-m hl --hl-gt 254", "Ttl [255]"),
            ("-m hl --hl-gt 255", "Ttl []"),
        ],
    );
}

#[test]
fn targets() {
    check(
        Family::Ip,
        &[
            ("-j REJECT", "Reject(\"icmp-port-unreachable\")"),
            ("-j REJECT --reject-with nonsense", "Unknown REJECT --reject-with nonsense"),
            ("-j own", "Jump(\"own\")"),
            ("-j own --option", "Unknown own --option"),
            ("-g own", "Goto(\"own\")"),
            ("-j MARK --set-mark 1/2", "SetMark { value: 1, mask: 3 }"),
            ("-j MARK --and-mark 0xff", "SetMark { value: 0, mask: 4294967040 }"),
            ("-j MARK --xor-mark 1", "SetMark { value: 1, mask: 0 }"),
            ("-j CONNMARK --restore-mark --mask 255", "RestoreMark { mask: 255, ct_mask: 255 }"),
            (
                "-j CONNMARK --save-mark --left-shift-mark 3",
                "Unknown CONNMARK --save-mark --left-shift-mark 3",
            ),
            ("-j CT --notrack", "Notrack"),
            ("-j TEE --gateway 1.2.3.4", "GoesOn TEE --gateway 1.2.3.4"),
            ("-j TPROXY --on-port 80", "Unknown TPROXY --on-port 80"),
            ("-j LOG --log-prefix \"-j DROP\"", "Log(\"LOG --log-prefix \\\"-j DROP\\\"\")"),
            (
                "-j DNAT --to-destination 1.2.3.4:80-81 --random",
                "Dnat(Nat { addresses: Some((1.2.3.4, 1.2.3.4)), ports: Some((80, 81)), flags: \"random\" })",
            ),
            ("-j DNAT --to-destination 1.2.3.4:80-81/90", "Unknown DNAT --to-destination 1.2.3.4:80-81/90"),
            (
                "-j DNAT --to-destination 1.2.3.4 --to-destination 1.2.3.5",
                "Unknown DNAT --to-destination 1.2.3.4 --to-destination 1.2.3.5",
            ),
            ("-j MASQUERADE", "Masquerade(Nat { addresses: None, ports: None, flags: \"\" })"),
        ],
    );
}
