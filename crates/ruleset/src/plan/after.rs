//! What rules there are after a change: on the model, nothing is applied.

use sha2::{Digest as _, Sha256};

use super::{Change, Operation};
use crate::{Backend, Base, Chain, ChainKind, Family, Hook, Policy, Rule, Ruleset, Step, Table, iptables};

/// The ruleset after these changes. A change that doesn't fit (a position that isn't there) is left out.
pub fn after(ruleset: &Ruleset, changes: &[Change]) -> Ruleset {
    let mut next = ruleset.clone();
    for change in changes {
        apply(&mut next, change);
    }
    next
}

/// The changes that take these back, in order; those of rules name what they put back.
pub fn inverse(changes: &[Change]) -> Vec<Change> {
    let back = |change: &Change| {
        let mut back = change.clone();
        let gone = change.removed.as_ref().map(|removed| removed.rule.clone());
        back.removed = None;
        match change.op {
            Operation::Insert => back.op = Operation::Delete,
            Operation::Delete => back.op = Operation::Insert,
            Operation::Replace | Operation::Policy => back.rule = gone.unwrap_or_default(),
        }
        back
    };
    changes.iter().rev().map(back).collect()
}

/// Does it, if it fits.
pub(super) fn apply(ruleset: &mut Ruleset, change: &Change) -> bool {
    let is_table = |table: &&mut Table| {
        table.backend == change.backend && table.family == change.family && table.name == change.table
    };
    if !ruleset.tables.iter_mut().any(|table| is_table(&table)) {
        let Some(table) = new_table(change) else { return false };
        ruleset.tables.push(table);
    }
    let Some(table) = ruleset.tables.iter_mut().find(is_table) else { return false };
    if table.chain(&change.chain).is_none() {
        let Some(chain) = new_chain(&change.chain) else { return false };
        table.chains.push(chain);
    }
    let own: Vec<String> = table.chains.iter().map(|chain| chain.name.clone()).collect();
    let Some(chain) = table.chains.iter_mut().find(|chain| chain.name == change.chain) else { return false };
    let index = change.position.wrapping_sub(1);
    match change.op {
        Operation::Insert if index <= chain.rules.len() => {
            chain.rules.insert(index, parsed(&change.rule, change.family, &own));
        }
        Operation::Delete if index < chain.rules.len() => {
            chain.rules.remove(index);
        }
        Operation::Replace if index < chain.rules.len() => {
            chain.rules[index] = parsed(&change.rule, change.family, &own);
        }
        Operation::Policy => match (&mut chain.base, change.rule.as_str()) {
            (Some(base), "ACCEPT") => base.policy = Policy::Accept,
            (Some(base), "DROP") => base.policy = Policy::Drop,
            _ => return false,
        },
        _ => return false,
    }
    true
}

/// The rule of a text, in a table with these chains.
pub(super) fn parsed(text: &str, family: Family, chains: &[String]) -> Rule {
    let mut rule = iptables::parse_rule(text, family);
    if let Some(Step::Do(action)) = rule.steps.last_mut()
        && let crate::Action::Jump(name) | crate::Action::Goto(name) = &*action
        && !chains.contains(name)
    {
        *action = crate::Action::Other { text: name.clone(), ends: crate::Ends::Unknown };
    }
    rule
}

/// iptables makes its tables when they are first used.
fn new_table(change: &Change) -> Option<Table> {
    if change.backend == Backend::Nft || change.table != "filter" {
        return None;
    }
    let chains = ["INPUT", "FORWARD", "OUTPUT"].into_iter().filter_map(new_chain).collect();
    Some(Table {
        backend: change.backend,
        family: change.family,
        name: change.table.clone(),
        owner: None,
        is_dormant: false,
        chains,
        sets: Vec::new(),
        others: Vec::new(),
    })
}

fn new_chain(name: &str) -> Option<Chain> {
    let hook = match name {
        "INPUT" => Hook::Input,
        "FORWARD" => Hook::Forward,
        "OUTPUT" => Hook::Output,
        _ => return None,
    };
    let base =
        Base { kind: ChainKind::Filter, hook, priority: 0, policy: Policy::Accept, devices: Vec::new() };
    Some(Chain { name: name.to_owned(), handle: None, base: Some(base), counters: None, rules: Vec::new() })
}

/// Can anything hang on it? A base chain that is empty and lets all pass is as good as none.
fn decides(chain: &Chain) -> bool {
    !chain.rules.is_empty() || chain.base.as_ref().is_none_or(|base| base.policy == Policy::Drop)
}

/// A digest of all that decides: tables, chains, policies, texts of rules, sets; not of counters and handles.
pub fn digest(ruleset: &Ruleset) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.as_bytes());
        hash.update([0]);
    };
    for table in ruleset.tables.iter().filter(|table| table.chains.iter().any(decides)) {
        add(table.backend.as_str());
        add(table.family.as_str());
        add(&table.name);
        add(if table.is_dormant { "dormant" } else { "" });
        for chain in table.chains.iter().filter(|chain| decides(chain)) {
            add(":");
            add(&chain.name);
            if let Some(base) = &chain.base {
                add(base.hook.as_str());
                add(&base.priority.to_string());
                add(base.policy.as_str());
                base.devices.iter().for_each(|device| add(device));
            }
            chain.rules.iter().for_each(|rule| add(&rule.text));
        }
        for set in &table.sets {
            add("set");
            add(&set.name);
            // What comes and goes by itself decides too, but a plan made a second ago must still hold.
            if !set.flags.iter().any(|flag| flag == "dynamic" || flag == "timeout") {
                add(&format!("{:?}", set.elements));
            }
        }
        table.others.iter().for_each(|other| add(other));
    }
    for set in &ruleset.ipsets {
        add("ipset");
        add(&set.name);
        add(&set.kind);
        if !set.options.contains("timeout") {
            set.elements.iter().for_each(|element| add(element));
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
