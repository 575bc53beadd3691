//! Our own text of rules of iptables-nft, byte for byte what iptables-nft-save prints.

use ruleset::iptables::parse_rule;
use ruleset::{Backend, Family, Step, Test};

use crate::stage::{in_namespace, live, run, saved, texts};

const V4: &str = include_str!("v4.save");
const V6: &str = include_str!("v6.save");

fn check(restore: &str, save: &str, family: Family, text: &str) {
    run(restore, text);
    let saved = saved(&run(save, ""));
    let ruleset = live();
    let tables =
        ruleset.tables.iter().filter(|table| table.backend == Backend::IptablesNft && table.family == family);
    let ours: Vec<String> = tables.flat_map(texts).collect();
    for (ours, theirs) in ours.iter().zip(&saved) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.len(), saved.len());
    assert_eq!(ruleset.notes, []);
    let rules = ruleset.tables.iter().filter(|table| table.family == family).flat_map(|table| &table.chains);
    for rule in rules.flat_map(|chain| &chain.rules).filter(|rule| rule.lie.is_none()) {
        assert_eq!(rule.steps, parse_rule(&rule.text, family).steps, "{}", rule.text);
    }
}

#[test]
fn v4_is_the_text_of_iptables_nft_save() {
    in_namespace(&["iptables-nft-restore"], || {
        check("iptables-nft-restore", "iptables-nft-save", Family::Ip, V4);
    });
}

#[test]
fn v6_is_the_text_of_ip6tables_nft_save() {
    in_namespace(&["ip6tables-nft-restore"], || {
        check("ip6tables-nft-restore", "ip6tables-nft-save", Family::Ip6, V6);
    });
}

#[test]
fn names_of_ipsets_are_found() {
    in_namespace(&["iptables-nft-restore", "ipset"], || {
        run("ipset restore", "create peers hash:ip,port\nadd peers 10.0.0.1,tcp:22\ncreate mine hash:net\n");
        let text = "*filter\n-A INPUT -m set ! --match-set peers src,dst -j SET --add-set mine src --exist --timeout 9\n-A INPUT -m set --match-set mine src --return-nomatch -j SET --del-set mine dst\n-A INPUT -m set --match-set mine src ! --update-counters --packets-gt 3 -j ACCEPT\nCOMMIT\n";
        check("iptables-nft-restore", "iptables-nft-save", Family::Ip, text);
        assert_eq!(live().ipsets.len(), 2);
    });
}

#[test]
fn a_text_that_lies_is_told() {
    in_namespace(&["iptables-nft-restore"], || {
        run("iptables-nft -A INPUT -p udp ! --sport 53 ! --dport 67 -j DROP", "");
        let ruleset = live();
        let rule = &ruleset.tables[0].chains[0].rules[0];
        assert_eq!(rule.text, "-p udp -m udp ! --sport 53 ! --dport 67 -j DROP");
        assert!(rule.lie.as_ref().is_some_and(|lie| lie.contains("53") && lie.contains("67")), "{rule:?}");
        let is_both = rule.steps.iter().any(|step| {
            matches!(
                step,
                Step::Test(Test::Field {
                    field: ruleset::Field::Bits { base: 2, offset: 0, length: 32 },
                    negated: true,
                    ..
                })
            )
        });
        assert!(is_both, "{rule:?}");
    });
}

#[test]
fn two_matches_of_one_name_stay_two() {
    in_namespace(&["iptables-nft-restore"], || {
        run("iptables-nft -A INPUT -p tcp -m tcp --dport 1:9 -m tcp --dport 5:20 -j ACCEPT", "");
        let ruleset = live();
        let text = &ruleset.tables[0].chains[0].rules[0].text;
        // iptables-nft-save prints the last one only, which lets more pass.
        assert_eq!(text, "-p tcp -m tcp --dport 1:9 -m tcp --dport 5:20 -j ACCEPT");
    });
}
