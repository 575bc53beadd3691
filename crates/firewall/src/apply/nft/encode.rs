//! Lets iptables-nft itself turn rules into expressions: in a network namespace of its own, which nobody else sees.

use std::collections::BTreeMap;

use nix::sched::{CloneFlags, unshare};
use ruleset::{Family, IpSet, Policy, RawRule};

use super::kernel::{self, KernelChain};
use super::{expression, sets};
use crate::apply::program::{self, ProgramError};
use crate::live::nftables;
use crate::netlink::{NetlinkError, Protocol, Socket};

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The namespace could not be made.
    #[error("no network namespace of our own could be made")]
    Namespace(#[source] nix::Error),
    /// A rule is refused by iptables.
    #[error("iptables refuses the rule `{rule}`")]
    Refused {
        /// The rule.
        rule: String,
        /// Its own words.
        #[source]
        source: ProgramError,
    },
    /// A program is missing or did not work.
    #[error("the rules could not be prepared")]
    Program(#[source] ProgramError),
    /// The kernel did not answer.
    #[error("the prepared rules could not be read")]
    Netlink(#[source] NetlinkError),
    /// The text is more than one rule, or none.
    #[error("`{0}` is not one rule")]
    NotOneRule(String),
    /// iptables-nft makes something else of it than it says.
    #[error("iptables-nft would not do what `{rule}` says: {lie}")]
    Lie {
        /// The rule.
        rule: String,
        /// What it would do.
        lie: String,
    },
    /// A set is not there.
    #[error("there is no set `{0}`")]
    NoSet(String),
}

/// A rule or a policy that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wish {
    pub family: Family,
    pub table: String,
    pub chain: String,
    pub what: What,
}

/// What is wanted in the chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// A rule of this text.
    Rule(String),
    /// This policy: the chain is only made.
    Policy(Policy),
}

/// What iptables-nft made of the wishes.
#[derive(Debug, Default)]
pub(super) struct Encoded {
    /// Each rule that was wished, once.
    pub rules: BTreeMap<Wish, RawRule>,
    /// The chains in which they stand, as iptables-nft makes them.
    pub chains: BTreeMap<(Family, String, String), KernelChain>,
}

/// Encodes all of them. `sets` are the live ipsets, `chains` tells which chains a table has.
pub(super) fn encode(
    wishes: &[Wish],
    ipsets: &[IpSet],
    is_chain: &(dyn Fn(Family, &str, &str) -> bool + Sync),
) -> Result<Encoded, EncodeError> {
    if let Some(text) = wishes.iter().find_map(|wish| match &wish.what {
        What::Rule(text) if text.contains(['\n', '\0']) => Some(text),
        _ => None,
    }) {
        return Err(EncodeError::NotOneRule(text.clone()));
    }
    let named = sets::named(wishes, ipsets)?;
    let real = sets::indices(&named).map_err(EncodeError::Netlink)?;
    let work = || -> Result<Encoded, EncodeError> {
        unshare(CloneFlags::CLONE_NEWNET).map_err(EncodeError::Namespace)?;
        sets::make(&named).map_err(EncodeError::Program)?;
        restore(wishes, is_chain)?;
        let numbers = sets::indices(&named).map_err(EncodeError::Netlink)?;
        let real = |number: u16| {
            let (name, _) = numbers.iter().find(|(_, index)| **index == number)?;
            real.get(name).copied()
        };
        refuse_lies()?;
        read_back(wishes, &real)
    };
    std::thread::scope(|scope| scope.spawn(work).join().expect("encoding does not panic"))
}

/// Runs iptables-nft-restore for each family, side by side.
fn restore(wishes: &[Wish], is_chain: &dyn Fn(Family, &str, &str) -> bool) -> Result<(), EncodeError> {
    let mut running = Vec::new();
    for (family, name) in [(Family::Ip, "iptables-nft-restore"), (Family::Ip6, "ip6tables-nft-restore")] {
        let (text, rules) = input(family, wishes, is_chain);
        if !text.is_empty() {
            running.push((rules, program::start(name, &[], &[], &text).map_err(EncodeError::Program)?));
        }
    }
    let mut result = Ok(());
    for (rules, running) in running {
        let Err(source) = running.finish() else { continue };
        let line = match &source {
            ProgramError::Refused { line, .. } => *line,
            _ => None,
        };
        // Some refusals name the line after the rule's.
        let rule = line
            .and_then(|line| rules.get(line.saturating_sub(2)..line)?.iter().rev().flatten().next().cloned());
        // A refusal at COMMIT names no rule: where there is one only, it is that one.
        let only = || rules.iter().flatten().next().filter(|_| rules.iter().flatten().count() == 1).cloned();
        result = result.and(Err(match rule.or_else(only) {
            Some(rule) => EncodeError::Refused { rule, source },
            None => EncodeError::Program(source),
        }));
    }
    result
}

/// A line of the input, and the rule that it is.
type InputLine = (String, Option<String>);

/// The input for one family; for each of its lines the rule that it is.
fn input(
    family: Family,
    wishes: &[Wish],
    is_chain: &dyn Fn(Family, &str, &str) -> bool,
) -> (String, Vec<Option<String>>) {
    let mut tables: BTreeMap<&str, (Vec<String>, Vec<InputLine>)> = BTreeMap::new();
    for wish in wishes.iter().filter(|wish| wish.family == family) {
        let (chains, lines) = tables.entry(&wish.table).or_default();
        let mut declare = |name: &str, policy: &str| {
            let line = format!(":{name} {policy} [0:0]");
            if !chains.contains(&line) {
                chains.push(line);
            }
        };
        match &wish.what {
            What::Policy(policy) => declare(&wish.chain, policy.as_str()),
            What::Rule(text) => {
                if !is_built_in(&wish.chain) {
                    declare(&wish.chain, "-");
                }
                let mut words = text.split(' ');
                while let Some(word) = words.next() {
                    let target =
                        matches!(word, "-j" | "-g" | "--jump" | "--goto").then(|| words.next()).flatten();
                    if let Some(target) = target.filter(|target| is_chain(family, &wish.table, target)) {
                        declare(target, "-");
                    }
                }
                lines.push((format!("-A {} {text}", wish.chain), Some(text.clone())));
            }
        }
    }
    let mut all = Vec::new();
    for (table, (chains, lines)) in tables {
        all.push((format!("*{table}"), None));
        all.extend(chains.into_iter().map(|line| (line, None)));
        all.extend(lines);
        all.push(("COMMIT".to_owned(), None));
    }
    let text = all.iter().map(|(line, _)| format!("{line}\n")).collect();
    (text, all.into_iter().map(|(_, rule)| rule).collect())
}

/// Is there a rule that the kernel would carry out otherwise than its text says?
fn refuse_lies() -> Result<(), EncodeError> {
    let tables = nftables::read().map_err(EncodeError::Netlink)?.tables;
    let mut rules = tables.into_iter().flat_map(|table| table.chains).flat_map(|chain| chain.rules);
    match rules.find_map(|rule| Some((rule.text, rule.lie?))) {
        Some((rule, lie)) => Err(EncodeError::Lie { rule, lie }),
        None => Ok(()),
    }
}

/// Reads what came out; the n-th rule of a chain is the n-th that was wished in it.
fn read_back(wishes: &[Wish], real: &dyn Fn(u16) -> Option<u16>) -> Result<Encoded, EncodeError> {
    let mut socket = Socket::open(Protocol::Netfilter).map_err(EncodeError::Netlink)?;
    let mut encoded = Encoded::default();
    let mut seen: BTreeMap<(Family, String, String), std::vec::IntoIter<kernel::KernelRule>> =
        BTreeMap::new();
    for wish in wishes {
        let place = (wish.family, wish.table.clone(), wish.chain.clone());
        if !seen.contains_key(&place) {
            let rules = kernel::rules(&mut socket, wish.family, &wish.table, &wish.chain);
            seen.insert(place.clone(), rules.map_err(EncodeError::Netlink)?.unwrap_or_default().into_iter());
            let chain = kernel::chain_by_name(&mut socket, wish.family, &wish.table, &wish.chain);
            if let Some(chain) = chain.map_err(EncodeError::Netlink)? {
                encoded.chains.insert(place.clone(), chain);
            }
        }
        let What::Rule(text) = &wish.what else { continue };
        let rule = seen.get_mut(&place).and_then(Iterator::next);
        let rule = rule.ok_or_else(|| EncodeError::NotOneRule(text.clone()))?;
        let expressions = expression::with_set_indices(&rule.expressions, real)
            .ok_or_else(|| EncodeError::NoSet(text.clone()))?;
        encoded.rules.insert(wish.clone(), RawRule { expressions, userdata: rule.userdata });
    }
    for ((_, _, chain), rest) in seen {
        if rest.len() > 0 {
            return Err(EncodeError::NotOneRule(format!("-A {chain} ...")));
        }
    }
    Ok(encoded)
}

/// Is it one of the chains that iptables makes by itself?
pub(super) fn is_built_in(chain: &str) -> bool {
    matches!(chain, "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING")
}
