//! The numbers of `status numbered`, which `delete N` and `insert N` take: one count through all rules that an admin may edit.

use super::neighbour;
use crate::{Backend, Family, Rule, Ruleset};

/// A rule with its number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbered<'a> {
    /// From 1 on.
    pub number: usize,
    /// The backend.
    pub backend: Backend,
    /// The family of its table.
    pub family: Family,
    /// Its table.
    pub table: &'a str,
    /// Its chain.
    pub chain: &'a str,
    /// 1-based, as `iptables -L --line-numbers` counts.
    pub position: usize,
    /// The rule.
    pub rule: &'a Rule,
}

/// All rules in chains that no other program owns, tables `filter` first: IPv4's, then IPv6's, then the rest, as read.
pub fn numbered(ruleset: &Ruleset) -> impl Iterator<Item = Numbered<'_>> {
    let mut tables: Vec<_> = ruleset.tables.iter().collect();
    let family = |family| match family {
        Family::Ip => 0,
        Family::Ip6 => 1,
        _ => 2,
    };
    tables.sort_by_key(|table| (table.name != "filter", family(table.family), table.backend));
    let rules = tables.into_iter().flat_map(|table| {
        let chains = table.chains.iter().filter(|chain| neighbour::is_own(chain));
        chains.flat_map(move |chain| {
            chain.rules.iter().enumerate().map(move |(index, rule)| (table, chain, index, rule))
        })
    });
    rules.enumerate().map(|(count, (table, chain, index, rule))| Numbered {
        number: count + 1,
        backend: table.backend,
        family: table.family,
        table: &table.name,
        chain: &chain.name,
        position: index + 1,
        rule,
    })
}
