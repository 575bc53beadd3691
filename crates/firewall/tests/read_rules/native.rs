//! Native rules in tables of iptables' names: what iptables-nft-save prints wider than it is.

use ruleset::{Action, Backend, Family, Step, Syntax};

use crate::stage::{in_namespace, live, run, texts};

/// Rules that iptables-nft-save 1.8.9 misprints, refuses, or leaves out, each with a verdict.
const ROWS: &[&str] = &[
    "ip saddr @s counter accept",
    "ip saddr @s accept",
    "tcp dport { 80, 443 } accept",
    "tcp dport { 80, 443 } counter accept",
    "ip daddr 10.0.0.1-10.0.0.9 counter drop",
    "ip saddr != { 10.0.0.1, 10.0.0.2 } counter drop",
    "tcp dport vmap { 22 : accept, 23 : drop }",
    "ip saddr . tcp dport { 10.0.0.1 . 22 } counter accept",
    "meta skuid 1000 counter accept",
    "ct state established,related counter accept",
    "ct state { new, untracked } counter accept",
    "@th,0,16 5 counter accept",
    "@nh,8,8 4 counter accept",
    "tcp sport 1024-65535 tcp dport { 1-5 } counter accept",
    "limit rate over 5/second counter drop",
    "quota over 25 mbytes counter drop",
    "meta length > 1000 counter drop",
    "ip ttl 5 counter accept",
    "fib daddr type local counter accept",
    "ct mark 7 counter accept",
    "iif lo counter accept",
    "meta pkttype broadcast counter drop",
    "icmp type { echo-request, echo-reply } counter accept",
    "ip protocol { tcp, udp } counter accept",
    "numgen random mod 2 0 counter drop",
    "rt classid 7 counter accept",
    "ip option rr exists counter drop",
    "tcp option maxseg size 500 counter drop",
    "ip dscp ef counter accept",
    "meta mark set 7 counter accept",
    "add @d { ip saddr } counter accept",
    "socket transparent 1 counter accept",
    "meta cpu 1 counter accept",
    "meta random < 5 counter accept",
];

#[test]
fn a_native_rule_is_never_shown_wider() {
    in_namespace(&["nft", "iptables-nft"], || {
        run("iptables-nft -P INPUT ACCEPT", "");
        run(
            "nft -f -",
            "add set ip filter s { type ipv4_addr; elements = { 10.0.0.1 } }\nadd set ip filter d { type ipv4_addr; flags dynamic; size 9; }",
        );
        for row in ROWS {
            run("nft flush chain ip filter INPUT", "");
            run("nft -f -", &format!("add rule ip filter INPUT {row}"));
            let ruleset = live();
            let table = ruleset.table(Backend::IptablesNft, Family::Ip, "filter").unwrap();
            let [rule] = &table.chain("INPUT").unwrap().rules[..] else { panic!("{row}") };
            assert_eq!(rule.syntax, Syntax::Nft, "{row}: {}", rule.text);
            // The text loads again, and means the same.
            let is_loadable = !rule.text.contains(['#', '@']) || rule.text.contains("ip saddr");
            let steps = rule.steps.clone();
            let first = rule.steps.first().unwrap();
            let is_tested = !matches!(first, Step::Do(Action::Accept | Action::Drop));
            assert!(is_tested, "{row}: {} passes everything: {steps:?}", rule.text);
            if is_loadable && !row.contains("option") {
                run("nft flush chain ip filter INPUT", "");
                run("nft -f -", &format!("add rule ip filter INPUT {}", rule.text));
                let again = live();
                let table = again.table(Backend::IptablesNft, Family::Ip, "filter").unwrap();
                let twin = &table.chain("INPUT").unwrap().rules[0];
                let strip = |text: &str| text.to_owned();
                assert_eq!(strip(&twin.text), strip(&rule.text), "{row}");
            }
        }
    });
}

#[test]
fn native_rules_that_iptables_could_have_written_are_shown_as_its_own() {
    in_namespace(&["nft", "iptables-nft"], || {
        run("iptables-nft -P INPUT ACCEPT", "");
        run("nft add rule ip filter INPUT ip saddr 10.0.0.0/8 tcp dport 22 counter accept", "");
        let ruleset = live();
        let table = ruleset.table(Backend::IptablesNft, Family::Ip, "filter").unwrap();
        assert_eq!(texts(table), ["-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT"]);
    });
}

#[test]
fn a_kernel_without_tables_is_read() {
    in_namespace(&[], || {
        let ruleset = live();
        assert_eq!((ruleset.tables, ruleset.notes), (vec![], vec![]));
    });
}

#[test]
fn a_dormant_table_and_a_large_set_are_read() {
    in_namespace(&["nft"], || {
        let elements: Vec<String> =
            (0..70_000_u32).map(|n| std::net::Ipv4Addr::from(0x0a00_0000 + 2 * n).to_string()).collect();
        let script = format!(
            "table ip t {{ flags dormant; set s {{ type ipv4_addr; flags interval; elements = {{ {} }}\n }}\n }}",
            elements.join(", ")
        );
        run("nft -f -", &script);
        let ruleset = live();
        let table = ruleset.table(Backend::Nft, Family::Ip, "t").unwrap();
        assert!(table.is_dormant);
        assert_eq!(table.sets[0].elements.len(), 70_000);
        assert!(table.sets[0].is_complete);
    });
}

#[test]
fn reading_changes_nothing() {
    in_namespace(&["nft", "iptables-nft"], || {
        let state = || {
            let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
            let modules: Vec<String> = read("/proc/modules")
                .lines()
                .filter_map(|line| line.split(' ').next().map(str::to_owned))
                .collect();
            (
                run("nft list ruleset", ""),
                modules,
                read("/proc/thread-self/net/ip_tables_names"),
                read("/proc/thread-self/net/ip6_tables_names"),
            )
        };
        for setup in ["", "-A INPUT -m recent --set -j ACCEPT", "-A INPUT -p sctp --dport 7 -j DROP"] {
            if !setup.is_empty() {
                run(&format!("iptables-nft {setup}"), "");
            }
            let before = state();
            let generation = firewall::live::rules::read(&Default::default()).unwrap().1;
            live();
            assert_eq!(firewall::live::rules::read(&Default::default()).unwrap().1, generation);
            assert_eq!(state(), before);
        }
    });
}
