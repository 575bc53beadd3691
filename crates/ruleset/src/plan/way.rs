//! Which base chains a box of traffic meets, in which order, and what each makes of it.

use super::region::Region;
use super::walk::{Fate, Part, walk};
use crate::ufw::Direction;
use crate::{Backend, Chain, ChainKind, Family, Hook, Ruleset, Table};

/// A base chain on the way, and what it makes of the traffic.
#[derive(Clone, Debug)]
pub struct Station<'a> {
    /// Its table.
    pub table: &'a Table,
    /// The chain.
    pub chain: &'a Chain,
    /// The parts.
    pub parts: Vec<Part<'a>>,
}

/// The hooks that traffic of this direction passes.
pub fn hooks(direction: Direction) -> &'static [Hook] {
    match direction {
        Direction::In => &[Hook::Prerouting, Hook::Input],
        Direction::Out => &[Hook::Output, Hook::Postrouting],
        Direction::Routed => &[Hook::Prerouting, Hook::Forward, Hook::Postrouting],
    }
}

/// Base chains of these hooks and of this kind, in the kernel's order.
pub fn base_chains<'a>(
    ruleset: &'a Ruleset,
    family: Family,
    hooks: &[Hook],
    is_nat: bool,
) -> Vec<(&'a Table, &'a Chain)> {
    let mut found = Vec::new();
    for table in &ruleset.tables {
        if table.is_dormant || !(table.family == family || table.family == Family::Inet) {
            continue;
        }
        for chain in &table.chains {
            let Some(base) = &chain.base else { continue };
            let Some(hook) = hooks.iter().position(|hook| *hook == base.hook) else { continue };
            if (base.kind == ChainKind::Nat) == is_nat {
                found.push(((hook, base.priority, table.backend != Backend::IptablesLegacy), table, chain));
            }
        }
    }
    found.sort_by_key(|(order, _, _)| *order);
    found.into_iter().map(|(_, table, chain)| (table, chain)).collect()
}

/// What each base chain makes of it. The traffic that one lets pass reaches the next.
pub fn stations<'a>(
    ruleset: &'a Ruleset,
    family: Family,
    hooks: &[Hook],
    region: &Region,
    is_nat: bool,
) -> Vec<Station<'a>> {
    let mut current = vec![region.clone()];
    let mut stations = Vec::new();
    for (table, chain) in base_chains(ruleset, family, hooks, is_nat) {
        let parts = walk(table, chain, current.clone());
        let passing: Vec<Region> = parts
            .iter()
            .filter(|part| matches!(part.fate, Fate::Accept | Fate::Unknown(_)))
            .map(|part| part.region.clone())
            .collect();
        // With many parts the whole is asked again: it is never less than what passes.
        if passing.len() <= 16 && !passing.is_empty() {
            current = passing;
        }
        stations.push(Station { table, chain, parts });
    }
    stations
}
