//! Tables and chains: the frame, without rules.

use ruleset::{Backend, Base, Chain, ChainKind, Counters, Family, Hook, Policy, Table};

use super::decode::text;
use super::dump::{Ask, dump};
use crate::netlink::{Attribute, Attributes, NetlinkError, Socket};

/// Of NFTA_TABLE_FLAGS.
const DORMANT: u32 = 1;
const OWNER: u32 = 2;

/// All tables with their chains, still without rules and sets, in the kernel's order.
pub(super) fn read(socket: &mut Socket) -> Result<Vec<Table>, NetlinkError> {
    let mut tables = Vec::new();
    dump(socket, Ask::Tables, 0, &[], |number, attributes| {
        if let Some(family) = family(number) {
            tables.push(table(family, &attributes));
        }
    })?;
    let mut at = 0;
    dump(socket, Ask::Chains, 0, &[], |number, attributes| {
        let (Some(family), Some(name)) = (family(number), attributes.find(1).map(text)) else { return };
        // Chains come table by table, in the order of the tables.
        let is_it = |table: &Table| table.family == family && table.name == name;
        if !tables.get(at).is_some_and(is_it) {
            let Some(found) = tables.iter().position(is_it) else { return };
            at = found;
        }
        tables[at].chains.push(chain(family, &attributes));
    })?;
    Ok(tables)
}

fn table(family: Family, attributes: &Attributes<'_>) -> Table {
    let flags = attributes.find(2).and_then(Attribute::be32).unwrap_or(0);
    Table {
        backend: Backend::Nft,
        family,
        name: attributes.find(1).map(Attribute::text).unwrap_or_default(),
        owner: attributes.find(7).and_then(Attribute::be32).filter(|_| flags & OWNER != 0),
        is_dormant: flags & DORMANT != 0,
        chains: Vec::new(),
        sets: Vec::new(),
        others: Vec::new(),
    }
}

fn chain(family: Family, attributes: &Attributes<'_>) -> Chain {
    Chain {
        name: attributes.find(3).map(Attribute::text).unwrap_or_default(),
        handle: attributes.find(2).and_then(Attribute::be64),
        base: base(family, attributes),
        counters: attributes.find(8).and_then(|nested| counters(nested.nested())),
        // NFTA_CHAIN_USE counts its rules, and the jumps to it.
        rules: Vec::with_capacity(uses(attributes)),
    }
}

fn uses(attributes: &Attributes<'_>) -> usize {
    attributes
        .find(6)
        .and_then(Attribute::be32)
        .and_then(|uses| usize::try_from(uses).ok())
        .unwrap_or(0)
        .min(1 << 20)
}

/// NFTA_COUNTER_BYTES 1, NFTA_COUNTER_PACKETS 2.
fn counters(attributes: Attributes<'_>) -> Option<Counters> {
    Some(Counters { bytes: attributes.find(1)?.be64()?, packets: attributes.find(2)?.be64()? })
}

/// NFTA_CHAIN_HOOK 4 (number 1, priority 2, device 3, devices 4), NFTA_CHAIN_POLICY 5, NFTA_CHAIN_TYPE 7.
fn base(family: Family, attributes: &Attributes<'_>) -> Option<Base> {
    let place = attributes.find(4)?.nested();
    let hook = hook(family, place.find(1)?.be32()?)?;
    let mut devices: Vec<String> = place.find(3).map(Attribute::text).into_iter().collect();
    if let Some(list) = place.find(4) {
        devices.extend(
            list.nested().map(Attribute::text).filter(|name| !devices.contains(name)).collect::<Vec<_>>(),
        );
    }
    Some(Base {
        kind: match attributes.find(7).map(text) {
            Some("nat") => ChainKind::Nat,
            Some("route") => ChainKind::Route,
            _ => ChainKind::Filter,
        },
        hook,
        priority: place.find(2)?.be32()?.cast_signed(),
        policy: match attributes.find(5).and_then(Attribute::be32) {
            Some(0) => Policy::Drop,
            _ => Policy::Accept,
        },
        devices,
    })
}

/// NFPROTO_*.
pub(super) fn family(number: u8) -> Option<Family> {
    Some(match number {
        1 => Family::Inet,
        2 => Family::Ip,
        3 => Family::Arp,
        5 => Family::Netdev,
        7 => Family::Bridge,
        10 => Family::Ip6,
        _ => return None,
    })
}

/// The number of a family.
pub(super) fn number(family: Family) -> u8 {
    match family {
        Family::Inet => 1,
        Family::Ip => 2,
        Family::Arp => 3,
        Family::Netdev => 5,
        Family::Bridge => 7,
        Family::Ip6 => 10,
    }
}

/// NF_INET_*, NF_NETDEV_*, NF_ARP_*.
fn hook(family: Family, number: u32) -> Option<Hook> {
    let hooks: &[Hook] = match family {
        Family::Netdev => &[Hook::Ingress, Hook::Egress],
        Family::Arp => &[Hook::Input, Hook::Output],
        _ => &[Hook::Prerouting, Hook::Input, Hook::Forward, Hook::Output, Hook::Postrouting, Hook::Ingress],
    };
    hooks.get(usize::try_from(number).ok()?).copied()
}
