//! The readers of text and JSON on what no kernel prints.

use proptest::prelude::*;

use super::{parse_json, parse_text};
use crate::{Action, Ends, Field, Policy, Step, Test, Values};

const TEXT: &str = r#"
table inet t { # handle 7
	set s { # handle 3
		type ipv4_addr . inet_service
		flags interval
		elements = { 10.0.0.1 . 22,
			     10.0.0.0/24 . 80-90 timeout 5m expires 3s comment "a, b" }
	}

	chain input { # handle 1
		type filter hook input priority filter - 5; policy drop;
		ip saddr . tcp dport @s counter packets 3 bytes 180 accept comment "x # y" # handle 4
		tcp flags syn / syn,ack tcp dport { 22, 80-90 } limit rate 5/minute drop # handle 5
		meta l4proto tcp # xt_recent
		frobnicate 7 accept
		meta mark set mark and 0xffffff00 xor 0x1
	}
}
include "other.nft"
"#;

const JSON: &str = r#"{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "ip", "name": "t", "handle": 1}},
{"chain": {"family": "ip", "table": "t", "name": "c", "handle": 2, "type": "filter", "hook": "input", "prio": -5, "policy": "drop"}},
{"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 3, "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}},
{"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 4, "expr": [{"xt": {"type": "match", "name": "recent"}}, {"xt": {"type": "match", "name": "recent"}}, {"drop": null}]}}]}"#;

#[test]
fn a_text_is_read_and_what_is_unknown_is_kept() {
    let (ruleset, notes) = parse_text(TEXT);
    let table = &ruleset.tables[0];
    let chain = &table.chains[0];
    let base = chain.base.as_ref().unwrap();
    assert_eq!((base.priority, base.policy, chain.handle), (-5, Policy::Drop, Some(1)));
    assert_eq!(table.sets[0].elements.len(), 2);
    assert!(table.sets[0].is_complete);
    let [first, second, third, fourth, fifth] = &chain.rules[..] else { panic!("{:?}", chain.rules) };
    assert_eq!(first.text, r#"ip saddr . tcp dport @s counter packets 3 bytes 180 accept comment "x # y""#);
    assert_eq!((first.handle, first.comment.as_deref()), (Some(4), Some("x # y")));
    assert_eq!(first.counters.map(|counters| counters.bytes), Some(180));
    assert_eq!(second.handle, Some(5));
    assert!(second.steps.iter().any(|step| matches!(step, Step::Test(Test::Opaque { .. }))));
    for unknown in [third, fourth] {
        let last = unknown.steps.last().unwrap();
        assert!(matches!(last, Step::Do(Action::Other { ends: Ends::Unknown, .. })), "{unknown:?}");
    }
    assert_eq!(fifth.steps, [Step::Do(Action::SetMark { value: 1, mask: 0xff })]);
    assert_eq!(notes.len(), 1, "{notes:?}");
}

#[test]
fn json_is_read() {
    let (ruleset, notes) = parse_json(JSON);
    assert_eq!(notes, []);
    let rules = &ruleset.tables[0].chains[0].rules;
    assert_eq!(rules[0].text, "ct state established,related accept");
    let state = Test::Field { field: Field::CtState, values: Values::AnyBit(6), negated: false };
    assert_eq!(rules[0].steps, [Step::Test(state), Step::Do(Action::Accept)]);
    // Without their parameters two matches of one name are not the same test.
    assert_ne!(rules[1].steps[0], rules[1].steps[1]);
}

#[test]
fn a_listing_that_ends_early_is_kept_up_to_there_and_noted() {
    for cut in 0..JSON.len() - 2 {
        let (ruleset, notes) = parse_json(&JSON[..cut]);
        assert!(notes.iter().any(|note| note.place == "end"), "cut at {cut}: {notes:?}");
        let whole = JSON[..cut].matches("null}]}}").count();
        let rules: usize =
            ruleset.tables.iter().flat_map(|table| &table.chains).map(|chain| chain.rules.len()).sum();
        assert_eq!(rules, whole, "cut at {cut}");
    }
    assert_eq!(parse_json(JSON).1, []);
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_fail(
        cuts in proptest::collection::vec((0_usize..2000, 0_usize..30, "[-a-z0-9 {}@#:;,.\"/&|!\n]{0,8}"), 0..6),
    ) {
        for source in [TEXT, JSON] {
            let mut text = source.to_owned();
            for (at, length, insert) in &cuts {
                let at = at % (text.len() + 1);
                let end = (at + length).min(text.len());
                text.replace_range(at..end, insert);
            }
            parse_text(&text);
            parse_json(&text);
        }
    }
}
