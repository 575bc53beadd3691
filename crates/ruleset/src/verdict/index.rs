//! The ruleset, prepared for many questions: who is asked at which hook in which order, chains by name, members of sets.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::effects;
use super::members::{self, Members};
use crate::routing::Routes;
use crate::{Action, Base, Chain, ChainKind, Family, Field, Hook, Policy, Rule, Ruleset, Step, Table};

/// A chain, by number of its table and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ChainId {
    pub table: usize,
    pub chain: usize,
}

/// A place in the list of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Station {
    /// A base chain.
    Chain(ChainId),
    /// The end of address translation: what is already known of a flow is applied, and nothing more is translated.
    Translated,
}

/// Sets that were looked at: of a table, by name and by what is looked up.
type Sets = BTreeMap<(usize, String, Vec<Field>), Rc<Members>>;

/// A ruleset, prepared for questions.
#[derive(Debug)]
pub struct Judge<'a> {
    pub(super) ruleset: &'a Ruleset,
    pub(super) routes: Routes<'a>,
    pub(super) unseen: Vec<String>,
    names: Vec<BTreeMap<&'a str, usize>>,
    stations: BTreeMap<(u8, Hook), Vec<Station>>,
    sets: RefCell<Sets>,
    harmless: RefCell<BTreeMap<ChainId, bool>>,
}

const HOOKS: [Hook; 5] = [Hook::Prerouting, Hook::Input, Hook::Forward, Hook::Output, Hook::Postrouting];

/// Where address translation stands in the kernel, whatever priority its chains have among themselves.
fn translation(hook: Hook) -> i32 {
    match hook {
        Hook::Prerouting | Hook::Output => -100,
        _ => 100,
    }
}

impl<'a> Judge<'a> {
    /// Prepares a ruleset.
    pub fn new(ruleset: &'a Ruleset) -> Self {
        let names = ruleset
            .tables
            .iter()
            .map(|table| {
                table.chains.iter().enumerate().map(|(at, chain)| (chain.name.as_str(), at)).collect()
            })
            .collect();
        let mut stations = BTreeMap::new();
        for version in [4, 6] {
            for hook in HOOKS {
                stations.insert((version, hook), stations_of(ruleset, version, hook));
            }
        }
        Self {
            ruleset,
            routes: Routes::new(&ruleset.host),
            unseen: unseen(ruleset),
            names,
            stations,
            sets: RefCell::default(),
            harmless: RefCell::default(),
        }
    }

    /// The base chains of a hook for packets of this version, in the kernel's order.
    pub(super) fn stations(&self, version: u8, hook: Hook) -> &[Station] {
        self.stations.get(&(version, hook)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Is there any chain that could see packets of this version?
    pub(super) fn has_chains(&self, version: u8) -> bool {
        HOOKS.iter().any(|hook| {
            self.stations(version, *hook).iter().any(|station| matches!(station, Station::Chain(_)))
        })
    }

    pub(super) fn table(&self, id: ChainId) -> &'a Table {
        &self.ruleset.tables[id.table]
    }

    pub(super) fn chain(&self, id: ChainId) -> &'a Chain {
        &self.ruleset.tables[id.table].chains[id.chain]
    }

    pub(super) fn base(&self, id: ChainId) -> Option<&'a Base> {
        self.chain(id).base.as_ref()
    }

    /// The chain of this name in the same table.
    pub(super) fn named(&self, beside: ChainId, name: &str) -> Option<ChainId> {
        let chain = *self.names[beside.table].get(name)?;
        Some(ChainId { table: beside.table, chain })
    }

    /// The members of a set of this table.
    pub(super) fn members(&self, table: usize, set: &str, keys: &[Field]) -> Rc<Members> {
        let place = (table, set.to_owned(), keys.to_vec());
        let mut known = self.sets.borrow_mut();
        let members =
            known.entry(place).or_insert_with(|| Rc::new(members::of(self.ruleset, table, set, keys)));
        Rc::clone(members)
    }

    /// Whatever its tests say, the rule neither decides nor changes anything (it counts, or writes to a log).
    pub(super) fn is_harmless(&self, chain: ChainId, rule: &Rule) -> bool {
        rule.steps.iter().all(|step| match step {
            Step::Test(_) => true,
            Step::Do(Action::Jump(name)) => {
                self.named(chain, name).is_some_and(|next| self.is_harmless_chain(next, 0))
            }
            Step::Do(action) => effects::is_harmless(action),
        })
    }

    /// Whatever is in it, a packet comes out of it as it went in, at its end.
    fn is_harmless_chain(&self, id: ChainId, depth: usize) -> bool {
        if let Some(known) = self.harmless.borrow().get(&id) {
            return *known;
        }
        let is_harmless = depth < 16
            && self.chain(id).rules.iter().all(|rule| {
                rule.steps.iter().all(|step| match step {
                    Step::Test(_) | Step::Do(Action::Return) => true,
                    Step::Do(Action::Jump(name) | Action::Goto(name)) => {
                        self.named(id, name).is_some_and(|next| self.is_harmless_chain(next, depth + 1))
                    }
                    Step::Do(action) => effects::is_harmless(action),
                })
            });
        self.harmless.borrow_mut().insert(id, is_harmless);
        is_harmless
    }
}

/// Does a table of this family see packets of this version?
fn is_seen_by(family: Family, version: u8) -> bool {
    match family {
        Family::Ip => version == 4,
        Family::Ip6 => version == 6,
        Family::Inet => true,
        Family::Arp | Family::Bridge | Family::Netdev => false,
    }
}

fn stations_of(ruleset: &Ruleset, version: u8, hook: Hook) -> Vec<Station> {
    // At the same priority the kernel asks the chain first that was registered last. Translation is one place
    // in the order; its chains have an order of their own.
    let mut keyed: Vec<((i32, i32, i32, i64), Station)> =
        vec![((translation(hook), 0, i32::MAX, 0), Station::Translated)];
    let mut number = 0_i64;
    for (at_table, table) in ruleset.tables.iter().enumerate() {
        if table.is_dormant || !is_seen_by(table.family, version) {
            continue;
        }
        for (at_chain, chain) in table.chains.iter().enumerate() {
            let Some(base) = chain.base.as_ref().filter(|base| base.hook == hook) else { continue };
            number -= 1;
            let key = match base.kind {
                ChainKind::Nat => (translation(hook), 0, base.priority, number),
                ChainKind::Filter | ChainKind::Route => (base.priority, 1, 0, number),
            };
            keyed.push((key, Station::Chain(ChainId { table: at_table, chain: at_chain })));
        }
    }
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, station)| station).collect()
}

/// Chains that this way of asking leaves out, as sentences.
fn unseen(ruleset: &Ruleset) -> Vec<String> {
    let mut sentences = Vec::new();
    for table in ruleset.tables.iter().filter(|table| !table.is_dormant) {
        for chain in &table.chains {
            let Some(base) = &chain.base else { continue };
            let is_elsewhere = matches!(table.family, Family::Bridge | Family::Netdev)
                || matches!(base.hook, Hook::Ingress | Hook::Egress);
            if is_elsewhere && (!chain.rules.is_empty() || base.policy == Policy::Drop) {
                sentences.push(format!(
                    "chain {} of table {} {} ({}) sees packets as frames and is not asked",
                    chain.name,
                    table.family.as_str(),
                    table.name,
                    base.hook.as_str()
                ));
            }
        }
    }
    sentences
}
