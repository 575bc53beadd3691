//! A plain English sentence for a rule, for somebody who reads it at three in the morning.
//!
//! It works on the steps, so it says the same for iptables and nft, and what the kernel does where a text says something else.
//! What rules alone can't decide is said as a condition, never left out.

mod action;
mod condition;
mod opaque;
mod single;
mod value;

use crate::{Family, Field, Rule, Step, Test, Values};

use condition::Conditions;

/// What a rule does, in one sentence without a full stop: `TCP from 10.0.0.0/8 to port 5432: accepted`.
pub fn sentence(rule: &Rule, family: Family) -> String {
    let version = version(rule, family);
    let mut parts = Vec::new();
    let mut at = 0;
    // nft may test again after it has done something: each stretch of tests and actions is said in turn.
    while at < rule.steps.len() {
        let tests = stretch(&rule.steps[at..], |step| matches!(step, Step::Test(_)));
        let actions = stretch(&rule.steps[at + tests..], |step| matches!(step, Step::Do(_)));
        let who = Conditions::of(&rule.steps[at..at + tests], version).text();
        let what = in_turn(&rule.steps[at + tests..at + tests + actions]);
        match (parts.is_empty(), tests) {
            (false, 0) => parts.push(what),
            (false, _) => parts.push(format!("of these, {who}: {what}")),
            (true, _) => parts.push(format!("{who}: {what}")),
        }
        at += tests + actions;
    }
    if parts.is_empty() {
        parts.push("everything that gets here: counted only".to_owned());
    }
    let mut out = parts.join("; ");
    if let Some(first) = out.get(..1).map(str::to_ascii_uppercase) {
        out.replace_range(..1, &first);
    }
    out
}

fn stretch(steps: &[Step], is_in: impl Fn(&Step) -> bool) -> usize {
    steps.iter().take_while(|step| is_in(step)).count()
}

/// Actions one after the other; that it goes on goes without saying but for the last one.
fn in_turn(steps: &[Step]) -> String {
    let done: Vec<String> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Do(action) => Some(action::text(action)),
            Step::Test(_) => None,
        })
        .collect();
    let Some((last, before)) = done.split_last() else { return "counted only".to_owned() };
    let mut out = String::new();
    for text in before {
        let short = text.strip_suffix(", and goes on").or_else(|| text.strip_suffix(", and it goes on"));
        out.push_str(short.unwrap_or(text));
        out.push_str(", then ");
    }
    out + last
}

/// 4 or 6, of the family or of a test; `None` where both may be.
fn version(rule: &Rule, family: Family) -> Option<u8> {
    match family {
        Family::Ip => return Some(4),
        Family::Ip6 => return Some(6),
        _ => {}
    }
    rule.tests().find_map(|test| match test {
        Test::Field { field: Field::Version, values: Values::Ranges(ranges), negated: false } => {
            ranges.first().and_then(|range| u8::try_from(range.first).ok())
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests;
