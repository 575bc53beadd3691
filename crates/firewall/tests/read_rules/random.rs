//! Random rules through iptables-nft: our text is its text, and means what the expressions mean.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use ruleset::iptables::parse_rule;
use ruleset::{Backend, Family};

use crate::stage::{in_namespace, live, run, saved, texts};

fn not() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just(""), 1 => Just("! ")]
}

fn network() -> impl Strategy<Value = String> {
    let mask = prop_oneof![
        4 => (1_u32..=32).prop_map(|length| length.to_string()),
        1 => any::<u32>().prop_map(|mask| std::net::Ipv4Addr::from(mask).to_string()),
    ];
    (any::<u32>(), mask).prop_map(|(address, mask)| format!("{}/{mask}", std::net::Ipv4Addr::from(address)))
}

fn ports() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_u16..=65_535).prop_map(|port| port.to_string()),
        (0_u16..=65_535, 0_u16..=65_535).prop_map(|(a, b)| format!("{}:{}", a.min(b), a.max(b))),
    ]
}

fn option(name: &'static str, value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::option::weighted(0.4, (not(), value))
        .prop_map(move |found| found.map_or(String::new(), |(not, value)| format!(" {not}{name} {value}")))
}

fn words(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::subsequence(of, 1..=of.len()).prop_map(|words| words.join(","))
}

fn transport() -> impl Strategy<Value = String> {
    let flags = words(&["FIN", "SYN", "RST", "PSH", "ACK", "URG"]);
    let tcp = (option("--sport", ports()), option("--dport", ports()), proptest::option::of((not(), flags)))
        .prop_map(|(from, to, flags)| {
            let flags = flags.map_or(String::new(), |(not, flags)| format!(" {not}--tcp-flags {flags} SYN"));
            // The value has no bit outside of the mask.
            let flags = if flags.contains("SYN,") || flags.contains(",SYN") { flags } else { String::new() };
            format!(" -p tcp -m tcp{from}{to}{flags}")
        });
    let udp = (option("--sport", ports()), option("--dport", ports()))
        .prop_map(|(from, to)| format!(" -p udp -m udp{from}{to}"));
    let multi = (not(), proptest::collection::vec(ports(), 1..6))
        .prop_map(|(not, ports)| format!(" -p tcp -m multiport {not}--dports {}", ports.join(",")));
    let icmp = (not(), 0_u8..20, proptest::option::of(0_u8..9)).prop_map(|(not, kind, code)| {
        let code = code.map_or(String::new(), |code| format!("/{code}"));
        format!(" -p icmp -m icmp {not}--icmp-type {kind}{code}")
    });
    prop_oneof![Just(String::new()), tcp, udp, multi, icmp]
}

fn rule() -> impl Strategy<Value = String> {
    let interface = prop_oneof![Just("eth0".to_owned()), Just("wg+".to_owned()), Just("br-12.5".to_owned())];
    let states = words(&["INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED"]);
    let mark =
        (any::<u32>(), any::<u32>()).prop_map(|(value, mask)| format!("{:#x}/{mask:#x}", value & mask));
    let comment =
        "[ -~]{1,40}".prop_map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")));
    let limit = (1_u32..60, prop_oneof![Just("sec"), Just("min"), Just("hour")], 1_u32..20)
        .prop_map(|(rate, unit, burst)| format!(" -m limit --limit {rate}/{unit} --limit-burst {burst}"));
    let more = (
        option("-m conntrack --ctstate", states)
            .prop_map(|text| text.replace("! -m conntrack", "-m conntrack !")),
        option("-m mark --mark", mark).prop_map(|text| text.replace("! -m mark", "-m mark !")),
        proptest::option::weighted(0.3, comment)
            .prop_map(|text| text.map_or(String::new(), |text| format!(" -m comment --comment {text}"))),
        proptest::option::weighted(0.2, limit).prop_map(Option::unwrap_or_default),
    );
    let target = prop_oneof![
        Just(" -j ACCEPT"),
        Just(" -j DROP"),
        Just(" -j own"),
        Just(" -g own"),
        Just(""),
        Just(" -j REJECT"),
        Just(" -j RETURN"),
        Just(" -j LOG --log-prefix \"a b\""),
    ];
    (option("-s", network()), option("-d", network()), option("-i", interface), transport(), more, target)
        .prop_map(|(from, to, interface, transport, (state, mark, comment, limit), target)| {
            format!("-A INPUT{from}{to}{interface}{transport}{state}{mark}{comment}{limit}{target}")
        })
}

#[test]
fn random_rules_are_read_as_iptables_nft_save_prints_them() {
    in_namespace(&["iptables-nft-restore"], || {
        let mut runner =
            TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
        let rules = proptest::collection::vec(rule(), 1..40);
        let result = runner.run(&rules, |rules| {
            run(
                "iptables-nft-restore",
                &format!("*filter\n:INPUT ACCEPT [0:0]\n:own - [0:0]\n{}\nCOMMIT\n", rules.join("\n")),
            );
            let saved = saved(&run("iptables-nft-save", ""));
            let ruleset = live();
            let table = ruleset.table(Backend::IptablesNft, Family::Ip, "filter").unwrap();
            prop_assert_eq!(texts(table), saved);
            for rule in table.chain("INPUT").unwrap().rules.iter().filter(|rule| rule.lie.is_none()) {
                prop_assert_eq!(&rule.steps, &parse_rule(&rule.text, Family::Ip).steps, "{}", &rule.text);
            }
            Ok(())
        });
        result.unwrap();
    });
}
