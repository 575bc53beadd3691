//! From a plan and the state that it was made for to what is written, rule by rule, with all that an undo needs.

use std::collections::BTreeMap;

use ruleset::plan::{Change, Operation};
use ruleset::{Backend, Family, Policy, RawRule, Ruleset};

use super::batch::{Anchor, Place};
use super::encode::{self, Encoded, What, Wish};
use super::expression;
use super::kernel::{self, KernelChain};
use super::linked::{self, Link, Move};
use crate::apply::edit::{Edit, Edits, Gone, Hex, Made, NEIGHBOURS, Neighbour};
use crate::apply::error::ApplyError;
use crate::netlink::{Protocol, Socket};

/// What iptables-nft has encoded already: kept while a plan is tried again on a newer state.
#[derive(Debug, Default)]
pub(in crate::apply) struct Cache {
    encoded: Encoded,
}

/// One step of the transaction.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// A rule comes in.
    Add {
        /// Where.
        place: Place,
        /// What.
        raw: RawRule,
        /// The rule that must stand before it when the kernel tells of it.
        previous: Option<Link>,
    },
    /// A rule goes.
    Delete(u64),
    /// A policy.
    Policy(Policy),
}

/// A transaction that is ready.
#[derive(Debug)]
pub(in crate::apply) struct Prepared {
    pub(super) generation: u32,
    /// Tables and chains that are made before anything else.
    pub(super) tables: Vec<(Family, String)>,
    pub(super) chains: Vec<(Family, String, String, KernelChain)>,
    /// Steps with the number of the edit that they belong to.
    pub(super) steps: Vec<(usize, Step)>,
}

/// A rule in the chain as it will be at this step.
#[derive(Clone, Copy, Debug)]
enum Item<'a> {
    Old { handle: u64, text: &'a str },
    New { number: usize },
}

/// A chain as it will be at this step.
struct Sketch<'a> {
    items: Vec<Item<'a>>,
    policy: Option<Policy>,
    is_new: bool,
}

/// Prepares all changes of nf_tables; adds what is done to `edits`. `None` if there are none.
pub(in crate::apply) fn prepare(
    changes: &[(usize, &Change)],
    ruleset: &Ruleset,
    generation: Option<u32>,
    edits: &mut Edits,
    cache: &mut Cache,
) -> Result<Option<Prepared>, ApplyError> {
    if changes.is_empty() {
        return Ok(None);
    }
    let generation = generation.ok_or(ApplyError::NotLive)?;
    let encoded = encoded(changes, ruleset, cache)?;
    let mut socket = Socket::open(Protocol::Netfilter)?;
    let mut sketches: BTreeMap<(Family, &str, &str), Sketch<'_>> = BTreeMap::new();
    let mut ready = Prepared { generation, tables: Vec::new(), chains: Vec::new(), steps: Vec::new() };
    for (number, change) in changes.iter().copied() {
        let place = (change.family, change.table.as_str(), change.chain.as_str());
        let sketch = match sketches.entry(place) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let sketch = sketch(change, ruleset)?;
                if sketch.is_new {
                    make(change, ruleset, encoded, &mut ready, edits)?;
                }
                entry.insert(sketch)
            }
        };
        let mut edit = edit(change, sketch)?;
        let wish = wish(change);
        let raw = || {
            let mut raw = encoded.rules.get(&wish).expect("all rules were encoded").clone();
            let index = u16::try_from(number).unwrap_or(u16::MAX);
            raw.userdata = Some(expression::tagged(raw.userdata.as_deref(), edits.tag, index));
            raw
        };
        let at = change.position.saturating_sub(1);
        match change.op {
            Operation::Insert => {
                let place = place_at(&sketch.items, at);
                ready.steps.push((number, Step::Add { place, raw: raw(), previous: None }));
                sketch.items.insert(at, Item::New { number });
            }
            Operation::Delete | Operation::Replace => {
                let Item::Old { handle, .. } = sketch.items[at] else {
                    return Err(ApplyError::NotThere(Box::new(change.clone())));
                };
                let twins = twins(&sketch.items, at);
                edit.gone = Some(gone(&mut socket, change, handle, twins)?);
                if change.op == Operation::Replace {
                    let place = place_at(&sketch.items, at);
                    ready.steps.push((number, Step::Add { place, raw: raw(), previous: None }));
                    sketch.items[at] = Item::New { number };
                } else {
                    sketch.items.remove(at);
                }
                ready.steps.push((number, Step::Delete(handle)));
            }
            Operation::Policy => {
                let policy = policy_of(change)?;
                let before = sketch.policy.ok_or_else(|| ApplyError::NoChain(Box::new(change.clone())))?;
                let text = before.as_str().to_owned();
                edit.gone = Some(Gone { text, handle: None, counters: None, twins: 0, raw: None });
                sketch.policy = Some(policy);
                if !sketch.is_new {
                    ready.steps.push((number, Step::Policy(policy)));
                }
            }
        }
        edits.edits[number] = edit;
    }
    tell_previous(&mut ready.steps, changes, ruleset);
    Ok(Some(ready))
}

/// Notes of each rule that comes in which one the kernel will name as the one before it.
fn tell_previous(steps: &mut [(usize, Step)], changes: &[(usize, &Change)], ruleset: &Ruleset) {
    let changes: BTreeMap<usize, &Change> = changes.iter().copied().collect();
    let mut moves: BTreeMap<(Family, &str, &str), Vec<Move>> = BTreeMap::new();
    for (number, step) in steps.iter() {
        let change = changes[number];
        let chain = moves.entry((change.family, &change.table, &change.chain)).or_default();
        match step {
            Step::Add { place, .. } => chain.push(Move::Add(*number, *place)),
            Step::Delete(handle) => chain.push(Move::Delete(*handle)),
            Step::Policy(_) => {}
        }
    }
    let mut told: BTreeMap<usize, Option<Link>> = BTreeMap::new();
    for ((family, table, chain), moves) in moves {
        let table = ruleset.table(Backend::IptablesNft, family, table);
        let rules = table.and_then(|table| table.chain(chain)).map_or(&[][..], |chain| &chain.rules);
        told.extend(linked::previous(rules.iter().filter_map(|rule| rule.handle), &moves));
    }
    for (number, step) in steps {
        if let Step::Add { previous, .. } = step {
            *previous = told.get(number).copied().flatten();
        }
    }
}

/// What iptables-nft makes of the rules; asked once.
fn encoded<'c>(
    changes: &[(usize, &Change)],
    ruleset: &Ruleset,
    cache: &'c mut Cache,
) -> Result<&'c Encoded, ApplyError> {
    let mut wishes: Vec<Wish> = Vec::new();
    for (_, change) in changes {
        let is_new = ruleset
            .table(Backend::IptablesNft, change.family, &change.table)
            .is_none_or(|table| table.chain(&change.chain).is_none());
        let is_wanted = match change.op {
            Operation::Insert | Operation::Replace => true,
            Operation::Policy => is_new,
            Operation::Delete => false,
        };
        let wish = wish(change);
        if is_wanted && !wishes.contains(&wish) && !cache.encoded.rules.contains_key(&wish) {
            if matches!(wish.what, What::Policy(_)) {
                policy_of(change)?;
            }
            wishes.push(wish);
        }
    }
    if !wishes.is_empty() {
        let is_chain = |family, table: &str, chain: &str| {
            let table = ruleset.table(Backend::IptablesNft, family, table);
            table.is_some_and(|table| table.chain(chain).is_some())
        };
        let more = encode::encode(&wishes, &ruleset.ipsets, &is_chain)?;
        cache.encoded.rules.extend(more.rules);
        cache.encoded.chains.extend(more.chains);
    }
    Ok(&cache.encoded)
}

fn wish(change: &Change) -> Wish {
    let what = match change.op {
        Operation::Policy if change.rule == "DROP" => What::Policy(Policy::Drop),
        Operation::Policy => What::Policy(Policy::Accept),
        _ => What::Rule(change.rule.clone()),
    };
    Wish { family: change.family, table: change.table.clone(), chain: change.chain.clone(), what }
}

/// The policy that a change sets.
pub(in crate::apply) fn policy_of(change: &Change) -> Result<Policy, ApplyError> {
    match change.rule.as_str() {
        "ACCEPT" => Ok(Policy::Accept),
        "DROP" => Ok(Policy::Drop),
        _ => Err(ApplyError::NoPolicy(Box::new(change.clone()))),
    }
}

/// The chain of a change as it is.
fn sketch<'a>(change: &Change, ruleset: &'a Ruleset) -> Result<Sketch<'a>, ApplyError> {
    if ruleset.table(Backend::Nft, change.family, &change.table).is_some() {
        return Err(ApplyError::Native(Box::new(change.clone())));
    }
    let table = ruleset.table(Backend::IptablesNft, change.family, &change.table);
    let Some(chain) = table.and_then(|table| table.chain(&change.chain)) else {
        return if encode::is_built_in(&change.chain) {
            Ok(Sketch { items: Vec::new(), policy: Some(Policy::Accept), is_new: true })
        } else {
            Err(ApplyError::NoChain(Box::new(change.clone())))
        };
    };
    let mut items = Vec::with_capacity(chain.rules.len() + 1);
    for rule in &chain.rules {
        items.push(Item::Old { handle: rule.handle.ok_or(ApplyError::NotLive)?, text: &rule.text });
    }
    Ok(Sketch { items, policy: chain.base.as_ref().map(|base| base.policy), is_new: false })
}

/// Has the chain made, and its table if need be.
fn make(
    change: &Change,
    ruleset: &Ruleset,
    encoded: &Encoded,
    ready: &mut Prepared,
    edits: &mut Edits,
) -> Result<(), ApplyError> {
    let place = (change.family, change.table.clone(), change.chain.clone());
    let like = encoded.chains.get(&place).ok_or_else(|| ApplyError::NoChain(Box::new(change.clone())))?;
    let mut made = |chain| {
        let made = Made { family: change.family, table: change.table.clone(), chain };
        if !edits.made.contains(&made) {
            edits.made.push(made);
        }
    };
    let table = (change.family, change.table.clone());
    if ruleset.table(Backend::IptablesNft, change.family, &change.table).is_none()
        && !ready.tables.contains(&table)
    {
        made(None);
        ready.tables.push(table);
    }
    made(Some(change.chain.clone()));
    ready.chains.push((place.0, place.1, place.2, like.clone()));
    Ok(())
}

/// The edit of a change, checked against the chain as it will be then.
fn edit(change: &Change, sketch: &Sketch<'_>) -> Result<Edit, ApplyError> {
    let at = change.position.saturating_sub(1);
    let text = match change.op {
        Operation::Insert if change.position == 0 || at > sketch.items.len() => {
            return Err(ApplyError::NotThere(Box::new(change.clone())));
        }
        Operation::Insert | Operation::Policy => None,
        Operation::Delete => Some(change.rule.as_str()),
        Operation::Replace => change.removed.as_ref().map(|removed| removed.rule.as_str()),
    };
    if matches!(change.op, Operation::Delete | Operation::Replace) {
        match sketch.items.get(at) {
            Some(Item::Old { text: found, handle })
                if change.position > 0
                    && text.is_none_or(|text| text == *found)
                    && change.removed.as_ref().and_then(|removed| removed.handle).unwrap_or(*handle)
                        == *handle => {}
            _ => return Err(ApplyError::NotThere(Box::new(change.clone()))),
        }
    }
    let is_twin = |item: &Item<'_>| matches!(item, Item::Old { text, .. } if *text == change.rule);
    if matches!(change.op, Operation::Insert) && sketch.items.iter().any(is_twin) {
        return Err(ApplyError::Twin(Box::new(change.clone())));
    }
    let neighbour = |item: &Item<'_>| match item {
        Item::Old { handle, .. } => Neighbour { handle: Some(*handle), text: String::new(), edit: None },
        Item::New { number } => Neighbour { handle: None, text: String::new(), edit: Some(*number) },
    };
    let (above, below) = match change.op {
        Operation::Delete | Operation::Replace => (
            sketch.items[..at].iter().rev().take(NEIGHBOURS).map(neighbour).collect(),
            sketch.items[at + 1..].iter().take(NEIGHBOURS).map(neighbour).collect(),
        ),
        Operation::Insert | Operation::Policy => (Vec::new(), Vec::new()),
    };
    Ok(Edit { change: change.clone(), handle: None, gone: None, above, below })
}

/// How to name the place at this index.
fn place_at(items: &[Item<'_>], at: usize) -> Place {
    match items.get(at) {
        Some(Item::Old { handle, .. }) => Place::Before(Anchor::Handle(*handle)),
        Some(Item::New { number }) => Place::Before(Anchor::New(id(*number))),
        None => Place::Last,
    }
}

/// The number of a new rule within its batch.
pub(super) fn id(number: usize) -> u32 {
    u32::try_from(number + 1).expect("a plan has fewer changes than that")
}

/// The change's number of that number.
pub(super) fn number(id: u32) -> usize {
    usize::try_from(id).map_or(usize::MAX, |id| id.saturating_sub(1))
}

/// How many other rules say the same as the one here.
fn twins(items: &[Item<'_>], at: usize) -> usize {
    let text = |item: &Item<'_>| match item {
        Item::Old { text, .. } => Some((*text).to_owned()),
        Item::New { .. } => None,
    };
    let own = text(&items[at]);
    items
        .iter()
        .filter(|item| matches!(item, Item::Old { text, .. } if Some(*text) == own.as_deref()))
        .count()
        - 1
}

/// The rule that goes, with what it has counted up to now.
fn gone(socket: &mut Socket, change: &Change, handle: u64, twins: usize) -> Result<Gone, ApplyError> {
    let rule = kernel::rule_by_handle(socket, change.family, &change.table, &change.chain, handle)?;
    let rule = rule.ok_or_else(|| ApplyError::NotThere(Box::new(change.clone())))?;
    let text = match (&change.op, &change.removed) {
        (Operation::Replace, Some(removed)) => removed.rule.clone(),
        _ => change.rule.clone(),
    };
    Ok(Gone {
        text,
        handle: Some(handle),
        counters: expression::counters(&rule.expressions),
        twins,
        raw: Some((Hex(rule.expressions), rule.userdata.map(Hex))),
    })
}
