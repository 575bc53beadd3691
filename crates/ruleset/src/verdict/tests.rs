use std::net::IpAddr;

use super::{Verdict, decide, flow_passes};
use crate::{
    Action, Backend, Base, Chain, ChainKind, Endpoint, Family, Field, Flow, FlowSource, Hook, Name, Nat,
    Packet, Policy, Rule, Ruleset, Step, Syntax, Table, Test, Tuple, Values,
};

/// Rules in a few words: `dport 22`, `src 10.0.0.0/8`, `in eth0`, `state new`, `opaque X`, `!`, then an action.
fn rule(text: &str) -> Rule {
    let mut steps = Vec::new();
    let mut words = text.split_whitespace();
    let mut negated = false;
    while let Some(word) = words.next() {
        let mut next = || words.next().unwrap().to_owned();
        let number = |text: &str| text.parse::<u128>().unwrap();
        let mut field = |field, values| {
            steps.push(Step::Test(Test::Field { field, values, negated: std::mem::take(&mut negated) }));
        };
        let name = |text: String| match text.strip_suffix('+') {
            Some(start) => Values::Names(vec![Name { text: start.to_owned(), is_prefix: true }]),
            None => Values::Names(vec![Name { text, is_prefix: false }]),
        };
        let action = match word {
            "!" => {
                negated = true;
                continue;
            }
            "tcp" => {
                field(Field::Protocol, Values::one(6));
                continue;
            }
            "dport" => {
                let port = number(&next());
                field(Field::DestinationPort, Values::one(port));
                continue;
            }
            "odport" => {
                let port = number(&next());
                field(Field::CtOriginalDestinationPort, Values::one(port));
                continue;
            }
            "ttl" => {
                let ttl = number(&next());
                field(Field::Ttl, Values::one(ttl));
                continue;
            }
            "src" | "dst" => {
                let address: IpAddr = next().parse().unwrap();
                let which = if word == "src" { Field::Source } else { Field::Destination };
                field(which, Values::one(super::known::number(address)));
                continue;
            }
            "local" => {
                field(Field::DestinationType, Values::AnyBit(4));
                continue;
            }
            "in" | "out" => {
                let values = name(next());
                field(if word == "in" { Field::InInterface } else { Field::OutInterface }, values);
                continue;
            }
            "state" => {
                let bits = number(&next());
                field(Field::CtState, Values::AnyBit(bits));
                continue;
            }
            "mark" => {
                let mark = number(&next());
                field(Field::Mark, Values::one(mark));
                continue;
            }
            "opaque" => {
                steps.push(Step::Test(Test::Opaque { text: format!("-m {}", next()), negated }));
                negated = false;
                continue;
            }
            "accept" => Action::Accept,
            "drop" => Action::Drop,
            "reject" => Action::Reject("icmp-port-unreachable".into()),
            "return" => Action::Return,
            "log" => Action::Log("-j LOG".into()),
            "notrack" => Action::Notrack,
            "setmark" => Action::SetMark { value: next().parse().unwrap(), mask: u32::MAX },
            "jump" => Action::Jump(next()),
            "goto" => Action::Goto(next()),
            "dnat" => {
                let (host, port) = (next().parse().unwrap(), next().parse().unwrap());
                Action::Dnat(Nat {
                    addresses: Some((host, host)),
                    ports: Some((port, port)),
                    flags: String::new(),
                })
            }
            "redirect" => {
                let port = next().parse().unwrap();
                Action::Redirect(Nat { ports: Some((port, port)), ..Nat::default() })
            }
            other => Action::Jump(other.to_owned()),
        };
        steps.push(Step::Do(action));
    }
    Rule {
        handle: None,
        counters: None,
        text: text.to_owned(),
        syntax: Syntax::Iptables,
        steps,
        comment: None,
        lie: None,
        raw: None,
    }
}

/// `*table family`, `:CHAIN hook priority kind policy`, `:CHAIN`, rules.
fn ruleset(text: &str) -> Ruleset {
    let mut ruleset = Ruleset::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(head) = line.strip_prefix('*') {
            let (name, family) = head.split_once(' ').unwrap();
            let family = match family {
                "ip" => Family::Ip,
                "ip6" => Family::Ip6,
                _ => Family::Inet,
            };
            ruleset.tables.push(Table {
                backend: Backend::IptablesNft,
                family,
                name: name.to_owned(),
                owner: None,
                is_dormant: false,
                chains: Vec::new(),
                sets: Vec::new(),
                others: Vec::new(),
            });
            continue;
        }
        let table = ruleset.tables.last_mut().unwrap();
        if let Some(head) = line.strip_prefix(':') {
            let words: Vec<&str> = head.split(' ').collect();
            let base = words.get(1).map(|hook| Base {
                hook: match *hook {
                    "prerouting" => Hook::Prerouting,
                    "input" => Hook::Input,
                    "forward" => Hook::Forward,
                    "output" => Hook::Output,
                    _ => Hook::Postrouting,
                },
                priority: words[2].parse().unwrap(),
                kind: if words[3] == "nat" { ChainKind::Nat } else { ChainKind::Filter },
                policy: if words[4] == "drop" { Policy::Drop } else { Policy::Accept },
                devices: Vec::new(),
            });
            table.chains.push(Chain {
                name: words[0].to_owned(),
                handle: None,
                base,
                counters: None,
                rules: Vec::new(),
            });
            continue;
        }
        table.chains.last_mut().unwrap().rules.push(rule(line));
    }
    ruleset
}

fn packet(text: &str) -> Packet {
    let mut packet = Packet {
        hook: Hook::Input,
        in_interface: Some("eth0".into()),
        source: Some("10.0.0.7".parse().unwrap()),
        destination: Some("10.0.0.1".parse().unwrap()),
        protocol: Some(6),
        source_port: Some(40_000),
        destination_port: Some(22),
        ..Packet::default()
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    for two in words.chunks(2) {
        let value = (two[1] != "?").then_some(two[1]);
        match two[0] {
            "hook" => {
                packet.hook = match two[1] {
                    "forward" => Hook::Forward,
                    "output" => Hook::Output,
                    _ => Hook::Input,
                }
            }
            "in" => packet.in_interface = value.map(str::to_owned),
            "out" => packet.out_interface = value.map(str::to_owned),
            "src" => packet.source = value.map(|text| text.parse().unwrap()),
            "dst" => packet.destination = value.map(|text| text.parse().unwrap()),
            "proto" => packet.protocol = value.map(|text| text.parse().unwrap()),
            "dport" => packet.destination_port = value.map(|text| text.parse().unwrap()),
            "state" => packet.state = two[1].parse().unwrap(),
            "ttl" => packet.ttl = value.map(|text| text.parse().unwrap()),
            other => panic!("{other}"),
        }
    }
    packet
}

/// `accept INPUT 3`, `drop INPUT -`: the verdict and what decides.
fn check(rules: &str, questions: &[(&str, &str)]) {
    let ruleset = ruleset(rules);
    for (question, expected) in questions {
        let answer = decide(&ruleset, &packet(question));
        let verdict = format!("{:?}", answer.verdict).to_lowercase();
        let by = answer.decided_by.as_ref().map_or_else(String::new, |by| {
            let number = by.rule.map_or_else(|| "-".to_owned(), |number| number.to_string());
            format!(" {} {number}", by.chain)
        });
        assert_eq!(format!("{verdict}{by}"), *expected, "{question}: {answer:#?}");
    }
}

#[test]
fn jumps_returns_and_gotos() {
    check(
        "*filter ip
         :INPUT input 0 filter drop
         jump A
         goto B
         accept
         :A
         dport 22 return
         dport 80 accept
         goto C
         drop
         :B
         dport 22 accept
         dport 23 return
         dport 24 jump C
         dport 24 reject
         :C
         dport 25 drop",
        &[
            ("dport 22", "accept B 1"),
            ("dport 80", "accept A 2"),
            ("dport 23", "drop INPUT -"),
            ("dport 24", "reject B 4"),
            ("dport 25", "drop C 1"),
            ("dport 26", "drop INPUT -"),
        ],
    );
}

#[test]
fn an_accept_ends_its_base_chain_only() {
    check(
        "*filter ip
         :INPUT input 0 filter accept
         dport 22 accept
         *own inet
         :first input -10 filter accept
         dport 23 accept
         dport 24 drop
         :last input 10 filter accept
         dport 22 drop
         dport 23 drop
         *six ip6
         :x input 5 filter drop",
        &[
            ("dport 22", "drop last 1"),
            ("dport 23", "drop last 2"),
            ("dport 24", "drop first 2"),
            ("dport 25", "accept last -"),
        ],
    );
}

#[test]
fn what_is_unknown_matters_only_if_the_ends_differ() {
    check(
        "*filter ip
         :INPUT input 0 filter drop
         src 10.0.0.7 accept
         src 10.0.0.8 accept
         opaque limit log
         opaque limit jump L
         ! dport 443 opaque string drop
         ! in eth+ drop
         dport 443 src 10.0.0.9 reject
         :L
         opaque limit return
         log",
        &[
            ("src ?", "depends INPUT 1"),
            ("src ? dport 443", "depends INPUT 1"),
            ("src 10.0.0.9", "drop INPUT -"),
            ("src 10.0.0.9 dport 443", "reject INPUT 7"),
            ("src 10.0.0.9 in ? dport 443", "depends INPUT 6"),
            ("src 10.0.0.10 in ? dport 443", "drop INPUT 6"),
            ("src 10.0.0.7 dport ?", "accept INPUT 1"),
            ("src 10.0.0.9 dport ?", "depends INPUT 5"),
        ],
    );
}

#[test]
fn translation_goes_before_the_filter() {
    check(
        "*raw ip
         :PREROUTING prerouting -300 filter accept
         state 8 drop
         dport 99 notrack
         *mangle ip
         :PREROUTING prerouting -150 filter accept
         dport 7 setmark 7
         *nat ip
         :PREROUTING prerouting -100 nat accept
         local dport 8080 dnat 172.17.0.2 80
         dport 81 redirect 82
         dport 7 mark 7 redirect 82
         *filter ip
         :INPUT input 0 filter drop
         dport 82 accept
         state 64 accept
         dport 83 accept
         :FORWARD forward 0 filter drop
         dst 172.17.0.2 dport 80 odport 8080 ttl 63 accept",
        &[
            ("dport 8080 ttl 64", "accept FORWARD 1"),
            ("dport 8080 ttl 63", "drop FORWARD -"),
            ("dport 8080 ttl 1", "drop"),
            ("dport 8080", "depends FORWARD 1"),
            ("dport 8080 state 1", "drop INPUT -"),
            ("dport 81", "accept INPUT 1"),
            ("dport 7", "accept INPUT 1"),
            ("dport 99", "accept INPUT 2"),
            ("dport 98", "drop INPUT -"),
            ("dport 80 dst 172.17.0.2 hook forward ttl 64", "drop FORWARD -"),
        ],
    );
}

#[test]
fn an_interface_that_is_not_there_has_an_empty_name() {
    check(
        "*nat ip
         :OUTPUT output -100 nat accept
         *filter ip
         :OUTPUT output 0 filter accept
         ! in eth0 dport 22 drop
         in eth+ drop
         out eth0 dport 23 drop
         state 4 drop",
        &[
            ("hook output", "drop OUTPUT 1"),
            ("hook output dport 23 out eth0", "drop OUTPUT 3"),
            ("hook output dport 23 out ?", "depends OUTPUT 3"),
            ("hook output dport 24 out ?", "accept OUTPUT -"),
        ],
    );
}

#[test]
fn a_loop_and_a_missing_chain_are_told() {
    let rules = "*filter ip
         :INPUT input 0 filter accept
         dport 22 jump A
         dport 23 jump Z
         :A
         jump B
         :B
         jump A";
    check(rules, &[("dport 22", "depends"), ("dport 23", "depends INPUT 2"), ("dport 24", "accept INPUT -")]);
    let answer = decide(&ruleset(rules), &packet("dport 22"));
    assert_eq!(answer.assumptions, ["can't tell: chains jump to each other in a loop"]);
}

#[test]
fn no_chain_at_all_lets_pass() {
    let answer = decide(&Ruleset::default(), &packet("dport 22"));
    assert_eq!((answer.verdict, answer.decided_by), (Verdict::Accept, None));
}

#[test]
fn a_long_chain_with_an_unknown_source_ends() {
    let mut text = String::from("*filter ip\n:INPUT input 0 filter drop\n");
    for number in 0..6_000_u32 {
        text.push_str(&format!("src 10.1.{}.{} accept\n", number / 250, number % 250));
    }
    check(&text, &[("src ?", "depends INPUT 1"), ("src 10.1.3.9", "accept INPUT 760")]);
}

fn flow(from: &str, to: &str, is_outgoing: bool, is_tracked: bool) -> Flow {
    let end = |text: &str| {
        let at: std::net::SocketAddr = text.parse().unwrap();
        Endpoint { address: at.ip(), port: at.port() }
    };
    let (from, to) = (end(from), end(to));
    Flow {
        protocol: 6,
        original: Tuple { from, to },
        reply: Tuple { from: to, to: from },
        source: if is_tracked { FlowSource::Both } else { FlowSource::Socket },
        status: if is_tracked { 0xe } else { 0 },
        mark: 0,
        zone: 0,
        tcp_state: None,
        is_local: true,
        is_outgoing: Some(is_outgoing),
        process: None,
    }
}

#[test]
fn live_flows_go_on_or_not() {
    let rules = ruleset(
        "*filter ip
         :INPUT input 0 filter drop
         in lo accept
         state 6 accept
         dport 22 accept
         :OUTPUT output 0 filter accept
         dst 10.0.0.66 drop",
    );
    let check = |flow: Flow, expected: [Option<bool>; 3]| {
        let survival = flow_passes(&rules, &flow);
        let found = [survival.passes, survival.if_peer_speaks, survival.if_we_speak];
        assert_eq!(found, expected, "{flow:?}\n{survival:#?}");
    };
    let (yes, no) = (Some(true), Some(false));
    check(flow("10.0.0.7:4000", "10.0.0.1:80", false, true), [yes; 3]);
    check(flow("10.0.0.7:4000", "10.0.0.1:80", false, false), [None, no, yes]);
    check(flow("10.0.0.7:4000", "10.0.0.1:22", false, false), [yes; 3]);
    check(flow("10.0.0.66:4000", "10.0.0.1:22", false, true), [no; 3]);
    check(flow("10.0.0.1:4000", "10.0.0.66:80", true, true), [no; 3]);
    check(flow("10.0.0.1:4000", "10.0.0.7:80", true, true), [yes; 3]);
    check(flow("127.0.0.1:4000", "127.0.0.1:80", true, true), [yes; 3]);
}

#[test]
fn translated_flows_are_replayed_as_they_are() {
    let rules = ruleset(
        "*nat ip
         :PREROUTING prerouting -100 nat accept
         *filter ip
         :INPUT input 0 filter drop
         dst 10.0.0.1 dport 8443 odport 443 accept
         :OUTPUT output 0 filter drop
         dport 4000 odport 443 accept",
    );
    let mut one = flow("10.0.0.7:4000", "10.0.0.1:443", false, true);
    one.reply.from.port = 8443;
    assert_eq!(flow_passes(&rules, &one).passes, Some(true), "{:#?}", flow_passes(&rules, &one));
    one.reply.from.port = 8444;
    assert_eq!(flow_passes(&rules, &one).passes, Some(false));
}

#[test]
fn a_connection_needs_its_answers() {
    let rules = ruleset(
        "*filter ip
         :INPUT input 0 filter drop
         dport 22 accept
         dport 80 accept
         :OUTPUT output 0 filter drop
         dst 10.0.0.7 state 2 accept",
    );
    let check = |question: &str, expected: Verdict| {
        let answer = super::session(&rules, &packet(question));
        assert_eq!(answer.verdict, expected, "{question} {answer:#?}");
    };
    check("dport 22", Verdict::Accept);
    check("dport 22 src 10.0.0.8", Verdict::Drop);
    check("dport 23", Verdict::Drop);
    check("dport 22 src ?", Verdict::Depends);
}
