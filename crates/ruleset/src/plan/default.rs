//! Plans what happens to all that no rule decides: the policies of the base chains that are there.

use super::neighbour;
use super::planner::{Place, Planner};
use super::{Refusal, keep, spot};
use crate::ufw::{Direction, Verb};
use crate::{Backend, Chain, ChainKind, Family, Hook, Policy, Rule, Ruleset, Table};

/// Plans `default VERB DIRECTION`.
pub(super) fn plan(planner: &mut Planner<'_>, verb: Verb, direction: Direction) -> Result<(), Refusal> {
    for family in planner.families(&[Family::Ip, Family::Ip6])? {
        one(planner, verb, direction, family)?;
    }
    Ok(())
}

fn one(planner: &mut Planner<'_>, verb: Verb, direction: Direction, family: Family) -> Result<(), Refusal> {
    let rules = planner.snapshot();
    let chains = base_chains(&rules, family, direction);
    if let Some((table, base)) = chains.iter().find(|(table, base)| spot::front_end(table, base).is_some()) {
        let owner = spot::front_end(table, base).expect("found by it");
        let command = match owner.name {
            "ufw" => format!("ufw default {} {}", verb.as_str(), direction.as_str()),
            _ => owner.command.to_owned(),
        };
        let place = format!("{} of table {}", base.name, table.name);
        return Err(Refusal::Foreign { owner: owner.name.to_owned(), place, command });
    }
    match verb {
        Verb::Allow | Verb::Limit => open(planner, &chains, family, direction),
        Verb::Deny | Verb::Reject => close(planner, &chains, family, direction, verb),
    }
}

/// Every chain lets pass what no rule decides.
fn open(
    planner: &mut Planner<'_>,
    chains: &[(&Table, &Chain)],
    family: Family,
    direction: Direction,
) -> Result<(), Refusal> {
    let closed: Vec<_> = chains.iter().filter(|(_, chain)| policy(chain) == Some(Policy::Drop)).collect();
    for (table, chain) in &closed {
        if table.backend == Backend::Nft {
            return Err(native(table, chain, "accept"));
        }
        planner.change(Place::of(table, chain).policy("DROP", "ACCEPT"));
    }
    if closed.is_empty() {
        match chains.first() {
            Some((table, chain)) => planner.already(table, chain, None),
            None => planner.nothing_filters(family, chain_name(direction)),
        }
    }
    Ok(())
}

/// One chain stops what no rule decides.
fn close(
    planner: &mut Planner<'_>,
    chains: &[(&Table, &Chain)],
    family: Family,
    direction: Direction,
    verb: Verb,
) -> Result<(), Refusal> {
    if let Some((table, chain)) = chains.iter().find(|(_, chain)| policy(chain) == Some(Policy::Drop)) {
        planner.already(table, chain, None);
        if verb == Verb::Reject {
            planner
                .note("it is dropped, without an answer; `reject` as the last rule would answer".to_owned());
        }
        return Ok(());
    }
    let own = chains.iter().filter(|(table, _)| neighbour::of_table(table).is_none());
    let best = own.max_by_key(|(table, chain)| {
        (!chain.rules.is_empty(), table.backend != Backend::Nft, table.backend == Backend::IptablesNft)
    });
    let place = match best {
        Some((table, chain)) if table.backend == Backend::Nft => return Err(native(table, chain, "drop")),
        Some((table, chain)) => {
            if let Some(index) = chain.rules.iter().position(takes_all) {
                planner.note(format!(
                    "rule {} of {} ({}) decides all that comes to it: the policy changes nothing while it stands",
                    index + 1,
                    chain.name,
                    chain.rules[index].text
                ));
            }
            Place::of(table, chain)
        }
        None => Place {
            backend: backend_in_use(&planner.rules),
            family,
            table: "filter".to_owned(),
            chain: chain_name(direction).to_owned(),
        },
    };
    let answer = if family == Family::Ip6 { "icmp6-port-unreachable" } else { "icmp-port-unreachable" };
    if direction == Direction::In {
        keep::plan(planner, &place, family);
    }
    if verb == Verb::Reject {
        let end = planner.chain(&place).map_or(0, |chain| chain.rules.len());
        planner.insert(&place, end, &format!("-j REJECT --reject-with {answer}"));
    }
    planner.change(place.policy("ACCEPT", "DROP"));
    Ok(())
}

/// Does it decide everything that reaches it?
fn takes_all(rule: &Rule) -> bool {
    use crate::Action::{Accept, Drop, Reject};
    rule.tests().next().is_none() && matches!(rule.action(), Some(Accept | Drop | Reject(_)))
}

fn policy(chain: &Chain) -> Option<Policy> {
    chain.base.as_ref().map(|base| base.policy)
}

fn native(table: &Table, chain: &Chain, policy: &str) -> Refusal {
    let place = format!("{} {} {}", table.family.as_str(), table.name, chain.name);
    let command = format!("nft chain {place} '{{ policy {policy}; }}'");
    Refusal::Native { place, command }
}

fn chain_name(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "INPUT",
        Direction::Out => "OUTPUT",
        Direction::Routed => "FORWARD",
    }
}

fn base_chains(rules: &Ruleset, family: Family, direction: Direction) -> Vec<(&Table, &Chain)> {
    let hook = match direction {
        Direction::In => Hook::Input,
        Direction::Out => Hook::Output,
        Direction::Routed => Hook::Forward,
    };
    let tables = rules
        .tables
        .iter()
        .filter(|table| !table.is_dormant && (table.family == family || table.family == Family::Inet));
    let is_base = |table: &Table, chain: &Chain| {
        let base = chain.base.as_ref();
        let here = base.is_some_and(|base| base.hook == hook && base.kind == ChainKind::Filter);
        here && (table.name == "filter" || table.backend == Backend::Nft)
    };
    tables
        .flat_map(|table| {
            table.chains.iter().filter(move |chain| is_base(table, chain)).map(move |chain| (table, chain))
        })
        .collect()
}

/// The backend in which a first chain is made.
pub(super) fn backend_in_use(rules: &Ruleset) -> Backend {
    let has = |backend| rules.tables.iter().any(|table| table.backend == backend);
    if has(Backend::IptablesLegacy) && !has(Backend::IptablesNft) {
        Backend::IptablesLegacy
    } else {
        Backend::IptablesNft
    }
}
