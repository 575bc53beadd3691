//! Whatever a plan does, and whatever others add meanwhile: taken back, the rules are the old ones and the others'.

use firewall::apply::undo;
use ruleset::Backend::{self, IptablesLegacy, IptablesNft};

use crate::site::{alone, edit, is_exhaustive, lines, run};

/// Numbers that look random and are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).unwrap()).unwrap()
    }
}

fn text(dice: &mut Dice, number: usize) -> String {
    let verdict = ["ACCEPT", "DROP", "RETURN"][dice.below(3)];
    match dice.below(3) {
        0 => format!("-s 10.{}.{}.0/24 -j {verdict}", number / 250, number % 250),
        1 => format!("-p tcp -m tcp --dport {} -j {verdict}", 1_000 + number),
        _ => format!("-p udp -m multiport --dports {},{} -j {verdict}", 5_000 + number, 9_000 + number),
    }
}

/// A plan of some changes to INPUT, and how the chain must look after it.
fn changes(dice: &mut Dice, prefix: &str, rules: &[String]) -> (String, Vec<String>) {
    let (mut plan, mut after) = (String::new(), rules.to_vec());
    let mut policy = "ACCEPT";
    for number in 0..=dice.below(5) {
        let fresh = text(dice, 500 + number);
        // What a plan brings in it does not take away again.
        let old: Vec<usize> = (0..after.len()).filter(|at| rules.contains(&after[*at])).collect();
        let line = match dice.below(8) {
            0 if policy == "ACCEPT" => {
                policy = "DROP";
                "policy DROP".to_owned()
            }
            1..=3 if !old.is_empty() => {
                let at = old[dice.below(old.len())];
                format!("delete {} {}", at + 1, after.remove(at))
            }
            4 if !old.is_empty() => {
                let at = old[dice.below(old.len())];
                let old = std::mem::replace(&mut after[at], fresh);
                format!("replace {} {} <- {old}", at + 1, after[at])
            }
            _ => {
                let at = dice.below(after.len() + 1);
                after.insert(at, fresh);
                format!("insert {} {}", at + 1, after[at])
            }
        };
        plan.push_str(&format!("{prefix}ip filter INPUT {line}\n"));
    }
    (plan, after)
}

fn chain(backend: Backend) -> Vec<String> {
    let lines = lines(backend);
    let rules = lines.iter().filter_map(|line| line.strip_prefix("ip filter -A INPUT "));
    rules.map(str::to_owned).collect()
}

fn there_and_back(backend: Backend, program: &str, prefix: &str) {
    let cases = if is_exhaustive() { 500 } else { 60 };
    for case in 1..=cases {
        alone(|| {
            let mut dice = Dice(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(case));
            let rules: Vec<String> = (0..dice.below(9)).map(|number| text(&mut dice, number)).collect();
            run(&format!("{program} -P INPUT ACCEPT"));
            for rule in &rules {
                run(&format!("{program} -A INPUT {rule}"));
            }
            let before = lines(backend);
            let (plan, after) = changes(&mut dice, prefix, &rules);
            let applied = edit(&plan).unwrap_or_else(|error| panic!("case {case}: {error:?}\n{plan}"));
            assert_eq!(chain(backend), after, "case {case}\n{plan}");
            let mut foreign = Vec::new();
            for number in 0..dice.below(4) {
                let at = 1 + dice.below(after.len() + number + 1);
                foreign.push(format!("-s 192.0.2.{number}/32 -j DROP"));
                run(&format!("{program} -I INPUT {at} {}", foreign[number]));
            }
            let undone = undo(&applied.edits).unwrap();
            assert!(undone.is_whole(), "case {case}: {undone:?}\n{plan}");
            let (others, ours): (Vec<String>, Vec<String>) = lines(backend)
                .into_iter()
                .partition(|line| foreign.iter().any(|rule| line.ends_with(rule.as_str())));
            assert_eq!(others.len(), foreign.len(), "case {case}: what others added was lost");
            assert_eq!(ours, before, "case {case}\n{plan}");
        });
    }
}

#[test]
fn nft_goes_there_and_back() {
    there_and_back(IptablesNft, "iptables-nft", "");
}

#[test]
fn legacy_goes_there_and_back() {
    there_and_back(IptablesLegacy, "iptables-legacy", "legacy ");
}
