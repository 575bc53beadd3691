//! The kernel's expressions, nft's JSON and nft's text mean the same.

use ruleset::nft::{parse_json, parse_text};
use ruleset::{Action, NftSet, Rule, Ruleset, SetRef, Step, Test};

use crate::stage::{in_namespace, live, run};

const NATIVE: &str = include_str!("native.nft");

/// What a rule means, with the elements of anonymous sets in the place of their names.
fn meaning(rule: &Rule, sets: &[NftSet]) -> Vec<String> {
    let elements = |name: &str| {
        let set = sets.iter().find(|set| set.name == name && name.starts_with("__"));
        let mut elements: Vec<String> =
            set.map_or(Vec::new(), |set| set.elements.iter().map(|element| format!("{element:?}")).collect());
        elements.sort();
        if set.is_none() { name.to_owned() } else { elements.join(" ") }
    };
    let steps = rule.steps.iter().map(|step| match step {
        Step::Test(Test::Set { set: SetRef::Nft(set), keys, negated }) => {
            format!("{keys:?} {negated} in {}", elements(set))
        }
        Step::Do(Action::VerdictMap { map: SetRef::Nft(map), keys }) => format!("{keys:?} {}", elements(map)),
        other => format!("{other:?}"),
    });
    steps.collect()
}

fn compare(left: &Ruleset, right: &Ruleset, names: &str) {
    assert_eq!(left.tables.len(), right.tables.len(), "{names}");
    for (one, other) in left.tables.iter().zip(&right.tables) {
        let frame = |table: &ruleset::Table| {
            table
                .chains
                .iter()
                .map(|chain| (chain.name.clone(), chain.handle, chain.base.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(frame(one), frame(other), "{names}");
        for (chain, same) in one.chains.iter().zip(&other.chains) {
            assert_eq!(chain.rules.len(), same.rules.len(), "{names}: {}", chain.name);
            for (rule, twin) in chain.rules.iter().zip(&same.rules) {
                // What a map gives to dnat is followed by none of them, and all say so.
                let is_unknown = |rule: &Rule| {
                    matches!(rule.action(), Some(Action::Other { ends: ruleset::Ends::Unknown, .. }))
                };
                assert_eq!(
                    is_unknown(rule),
                    is_unknown(twin),
                    "{names}: `{}` and `{}`",
                    rule.text,
                    twin.text
                );
                if is_unknown(rule) {
                    continue;
                }
                assert_eq!(
                    meaning(rule, &one.sets),
                    meaning(twin, &other.sets),
                    "{names}: `{}` and `{}`",
                    rule.text,
                    twin.text
                );
                assert_eq!((rule.handle, &rule.comment), (twin.handle, &twin.comment), "{}", rule.text);
            }
        }
        let named = |sets: &[NftSet]| {
            let mut sets: Vec<String> = sets
                .iter()
                .filter(|set| !set.name.starts_with("__"))
                .map(|set| {
                    let mut elements = set.elements.clone();
                    elements.sort_by_key(|element| format!("{element:?}"));
                    format!("{} {:?} {:?} {} {elements:?}", set.name, set.key, set.value, set.is_complete)
                })
                .collect();
            sets.sort();
            sets
        };
        assert_eq!(named(&one.sets), named(&other.sets), "{names}");
    }
}

#[test]
fn expressions_json_and_text_mean_the_same() {
    in_namespace(&["nft"], || {
        run("nft -f -", NATIVE);
        let kernel = live();
        let (json, notes) = parse_json(&run("nft -j list ruleset", ""));
        assert_eq!(notes, []);
        let (text, notes) = parse_text(&run("nft -a list ruleset", ""));
        assert_eq!(notes, []);
        assert!(kernel.tables[0].chains.iter().map(|chain| chain.rules.len()).sum::<usize>() > 60);
        compare(&kernel, &json, "kernel and JSON");
        compare(&kernel, &text, "kernel and text");
    });
}

#[test]
fn our_text_of_a_rule_loads_to_the_same_rule() {
    in_namespace(&["nft"], || {
        run("nft -f -", NATIVE);
        let before = live();
        let table = &before.tables[0];
        let mut count = 0;
        for chain in &table.chains {
            for rule in chain.rules.iter().filter(|rule| !rule.text.contains(['@', '#'])) {
                // A set of its own is one more test; the text has it inline.
                if rule.text.contains("map {") {
                    continue;
                }
                let script = format!("add rule inet t {} {}", chain.name, rule.text);
                run("nft -f -", &script);
                let after = live();
                let table = &after.tables[0];
                let twin =
                    table.chains.iter().find(|one| one.name == chain.name).unwrap().rules.last().unwrap();
                assert_eq!(
                    meaning(rule, &before.tables[0].sets),
                    meaning(twin, &table.sets),
                    "{}",
                    rule.text
                );
                count += 1;
            }
        }
        assert!(count > 40, "only {count} rules were tried");
    });
}
