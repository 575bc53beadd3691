//! Was a table made by iptables-nft? Its names, its base chains, and the order in which iptables-save prints them.

use ruleset::{Backend, Chain, ChainKind, Family, Hook, Table};

use ChainKind::{Filter, Nat, Route};

/// A base chain as iptables-nft makes it.
type Made = (&'static str, ChainKind, Hook, i32);

/// iptables-nft hooks security tables in at 150, the kernel's own (NF_IP_PRI_SECURITY, and so legacy) at 50.
const SECURITY: i32 = 150;

/// In the order in which iptables-nft-save prints them.
const TABLES: [(&str, &[Made]); 5] = [
    (
        "mangle",
        &[
            ("PREROUTING", Filter, Hook::Prerouting, -150),
            ("INPUT", Filter, Hook::Input, -150),
            ("FORWARD", Filter, Hook::Forward, -150),
            ("OUTPUT", Route, Hook::Output, -150),
            ("POSTROUTING", Filter, Hook::Postrouting, -150),
        ],
    ),
    (
        "security",
        &[
            ("INPUT", Filter, Hook::Input, SECURITY),
            ("FORWARD", Filter, Hook::Forward, SECURITY),
            ("OUTPUT", Filter, Hook::Output, SECURITY),
        ],
    ),
    ("raw", &[("PREROUTING", Filter, Hook::Prerouting, -300), ("OUTPUT", Filter, Hook::Output, -300)]),
    (
        "filter",
        &[
            ("INPUT", Filter, Hook::Input, 0),
            ("FORWARD", Filter, Hook::Forward, 0),
            ("OUTPUT", Filter, Hook::Output, 0),
        ],
    ),
    (
        "nat",
        &[
            ("PREROUTING", Nat, Hook::Prerouting, -100),
            ("INPUT", Nat, Hook::Input, 100),
            ("OUTPUT", Nat, Hook::Output, -100),
            ("POSTROUTING", Nat, Hook::Postrouting, 100),
        ],
    ),
];

/// Its place among iptables' tables, if iptables-nft could have made it: by its name, and all its base chains are iptables' own.
fn place(table: &Table) -> Option<usize> {
    if !matches!(table.family, Family::Ip | Family::Ip6) {
        return None;
    }
    let place = TABLES.iter().position(|(name, _)| *name == table.name)?;
    let is_made = |chain: &Chain| match &chain.base {
        None => true,
        Some(base) => TABLES[place].1.iter().any(|(name, kind, hook, priority)| {
            (chain.name.as_str(), base.kind, base.hook, base.priority) == (*name, *kind, *hook, *priority)
        }),
    };
    (table.owner.is_none() && table.chains.iter().all(is_made)).then_some(place)
}

/// Marks the tables that iptables-nft could have made, puts them first, and their chains in the order of iptables-save.
pub(super) fn sort(tables: &mut [Table]) {
    for table in tables.iter_mut() {
        let Some(place) = place(table) else { continue };
        table.backend = Backend::IptablesNft;
        let made = TABLES[place].1;
        let of = |chain: &Chain| made.iter().position(|(name, ..)| *name == chain.name).unwrap_or(usize::MAX);
        table.chains.sort_by(|left, right| (of(left), &left.name).cmp(&(of(right), &right.name)));
    }
    tables.sort_by_key(|table| match table.backend {
        Backend::Nft => (2, 0),
        _ => (u8::from(table.family == Family::Ip6), place(table).unwrap_or_default()),
    });
}

#[cfg(test)]
mod tests {
    use ruleset::{Backend, Base, Chain, Family, Hook, Policy, Table};

    /// A table with one base chain of kind filter.
    fn made_by(name: &str, priority: i32) -> Backend {
        let base = Base {
            kind: super::Filter,
            hook: Hook::Input,
            priority,
            policy: Policy::Accept,
            devices: Vec::new(),
        };
        let chain = Chain {
            name: "INPUT".to_owned(),
            handle: None,
            base: Some(base),
            counters: None,
            rules: Vec::new(),
        };
        let mut tables = [Table {
            backend: Backend::Nft,
            family: Family::Ip,
            name: name.to_owned(),
            owner: None,
            is_dormant: false,
            chains: vec![chain],
            sets: Vec::new(),
            others: Vec::new(),
        }];
        super::sort(&mut tables);
        tables[0].backend
    }

    #[test]
    fn a_table_is_known_by_where_its_chains_hook_in() {
        for (name, priority, expected) in [
            ("filter", 0, Backend::IptablesNft),
            ("filter", 10, Backend::Nft),
            ("security", 150, Backend::IptablesNft),
            ("security", 50, Backend::Nft),
            ("mine", 0, Backend::Nft),
        ] {
            assert_eq!(made_by(name, priority), expected, "{name} at {priority}");
        }
    }
}
