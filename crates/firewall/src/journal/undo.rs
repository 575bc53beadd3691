//! The changes that take an entry back, made for the state as it is now, not as it was then.

use ruleset::plan::{self, Change, Operation, Removed};
use ruleset::{Chain, Ruleset};

use super::line::{Data, RuleAt};

/// The changes, in order, and what can't be taken back any more, for people.
pub fn inverse(data: &Data, live: &Ruleset) -> (Vec<Change>, Vec<String>) {
    let mut rules = live.clone();
    let (mut changes, mut notes) = (Vec::new(), Vec::new());
    for change in data.plan.changes.iter().rev() {
        let made = rules
            .table(change.backend, change.family, &change.table)
            .and_then(|table| table.chain(&change.chain))
            .ok_or_else(|| format!("the chain {} is gone", change.chain))
            .and_then(|chain| back(change, chain, &data.before));
        match made {
            Ok(change) => {
                rules = plan::after(&rules, std::slice::from_ref(&change));
                changes.push(change);
            }
            Err(note) => notes.push(format!("{}: {note}", change.family.as_str())),
        }
    }
    (changes, notes)
}

fn back(change: &Change, chain: &Chain, before: &[RuleAt]) -> Result<Change, String> {
    let gone = change.removed.as_ref().map(|removed| removed.rule.clone());
    let mut back = Change { removed: None, ..change.clone() };
    match change.op {
        Operation::Insert => {
            back.op = Operation::Delete;
            back.position = position(chain, &change.rule, change.position)?;
            back.removed = removed(chain, back.position);
        }
        Operation::Delete => {
            back.op = Operation::Insert;
            back.rule = gone.unwrap_or_else(|| change.rule.clone());
            if chain.rules.iter().any(|rule| rule.text == back.rule) {
                return Err(format!("{} has `{}` again already", chain.name, back.rule));
            }
            back.position = place(chain, change, before);
        }
        Operation::Replace => {
            back.position = position(chain, &change.rule, change.position)?;
            back.rule = gone.ok_or("what was replaced is not known")?;
            back.removed = removed(chain, back.position);
        }
        Operation::Policy => {
            let now = chain.base.as_ref().map(|base| base.policy.as_str());
            if now != Some(change.rule.as_str()) {
                return Err(format!("the policy of {} was changed again since", chain.name));
            }
            back.rule = gone.ok_or("the policy before is not known")?;
            back.removed = Some(Removed { rule: change.rule.clone(), handle: None, counters: None });
        }
    }
    Ok(back)
}

/// Where the rule stands now; of several equal ones the nearest to where ours was.
fn position(chain: &Chain, text: &str, then: usize) -> Result<usize, String> {
    let places =
        chain.rules.iter().enumerate().filter(|(_, rule)| rule.text == text).map(|(index, _)| index + 1);
    places
        .min_by_key(|place| place.abs_diff(then))
        .ok_or_else(|| format!("{} has no `{text}` any more", chain.name))
}

/// Beside the rule that was above it, else beside the one below, else at its number.
fn place(chain: &Chain, change: &Change, before: &[RuleAt]) -> usize {
    let find = |text: &Option<String>| {
        text.as_ref().and_then(|text| chain.rules.iter().position(|rule| rule.text == *text))
    };
    let was = before.iter().find(|one| {
        one.chain == change.chain
            && one.table == change.table
            && one.family == change.family
            && one.position == change.position
    });
    let above = was.and_then(|was| find(&was.above)).map(|index| index + 2);
    let below = || was.and_then(|was| find(&was.below)).map(|index| index + 1);
    above.or_else(below).unwrap_or(change.position).clamp(1, chain.rules.len() + 1)
}

fn removed(chain: &Chain, position: usize) -> Option<Removed> {
    let rule = chain.rules.get(position.checked_sub(1)?)?;
    Some(Removed { rule: rule.text.clone(), handle: rule.handle, counters: rule.counters })
}

#[cfg(test)]
mod tests {
    use ruleset::plan::Plan;
    use ruleset::{Backend, Family, iptables};

    use super::*;
    use crate::journal::Who;

    fn rules(texts: &[&str], policy: &str) -> Ruleset {
        let rules: String = texts.iter().map(|text| format!("-A INPUT {text}\n")).collect();
        let dump = format!("*filter\n:INPUT {policy} [0:0]\n{rules}COMMIT\n");
        iptables::parse(&dump, Backend::IptablesNft, Family::Ip).0
    }

    fn change(op: Operation, position: usize, rule: &str, gone: Option<&str>) -> Change {
        Change {
            op,
            backend: Backend::IptablesNft,
            family: Family::Ip,
            table: "filter".into(),
            chain: "INPUT".into(),
            position,
            rule: rule.into(),
            removed: gone.map(|rule| Removed { rule: rule.into(), handle: None, counters: None }),
        }
    }

    /// What is there after the change, other changes of others, and the undo.
    fn check(then: &[&str], changes: &[Change], now: (&[&str], &str), expected: (&[&str], &str, usize)) {
        let plan = Plan { changes: changes.to_vec(), ..Plan::default() };
        let data = Data::of(&plan, &rules(then, "DROP"), Who::default());
        let live = rules(now.0, now.1);
        let (changes, notes) = inverse(&data, &live);
        let after = plan::after(&live, &changes);
        let chain = after.tables[0].chain("INPUT").unwrap();
        let texts: Vec<&str> = chain.rules.iter().map(|rule| rule.text.as_str()).collect();
        let policy = chain.base.as_ref().unwrap().policy.as_str();
        assert_eq!((texts.as_slice(), policy, notes.len()), expected, "{notes:?}");
    }

    #[test]
    fn an_entry_is_taken_back_from_what_is_there_now() {
        let (a, b, c, x) =
            ("-p tcp -j ACCEPT", "-p udp -j ACCEPT", "-p icmp -j ACCEPT", "-s 192.0.2.9/32 -j DROP");
        let gone = [change(Operation::Delete, 2, b, Some(b))];
        check(&[a, b, c], &gone, (&[x, x, a, c], "DROP"), (&[x, x, a, b, c], "DROP", 0));
        check(&[a, b, c], &gone, (&[x, x, c], "DROP"), (&[x, x, b, c], "DROP", 0));
        check(&[a, b, c], &gone, (&[x], "DROP"), (&[x, b], "DROP", 0));
        check(&[a, b, c], &gone, (&[b], "DROP"), (&[b], "DROP", 1));
        let came = [change(Operation::Insert, 1, b, None)];
        check(&[a], &came, (&[x, b, a, b], "DROP"), (&[x, a, b], "DROP", 0));
        check(&[a], &came, (&[x, a], "DROP"), (&[x, a], "DROP", 1));
        let policy = [change(Operation::Policy, 0, "DROP", Some("ACCEPT"))];
        check(&[a], &policy, (&[a], "DROP"), (&[a], "ACCEPT", 0));
        check(&[a], &policy, (&[a], "ACCEPT"), (&[a], "ACCEPT", 1));
        let both = [change(Operation::Insert, 1, x, None), change(Operation::Replace, 2, c, Some(a))];
        check(&[a, b], &both, (&[x, c, b], "DROP"), (&[a, b], "DROP", 0));
    }
}
