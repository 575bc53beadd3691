//! Routing: policy rules by priority, then the longest prefix, then the smallest metric.

use std::net::IpAddr;

use super::AddressKind;
use super::kinds::{Kinds, LOCAL_TABLE, full, number, range_of};
use crate::{Address, Host, Route, RouteKind, RoutingRule, Values};

/// Routes of a host, prepared for questions.
#[derive(Clone, Debug)]
pub struct Routes<'a> {
    host: &'a Host,
    v4: Kinds,
    v6: Kinds,
}

/// Where a packet goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// To this host itself.
    Here,
    /// Out by one of these interfaces (several for a multipath route).
    Out(Vec<String>),
    /// Nowhere: no route, or one that refuses. What the kernel says.
    Nowhere(&'static str),
    /// It can't be told, and why.
    Unknown(&'static str),
}

impl<'a> Routes<'a> {
    /// Prepares a host's routes.
    pub fn new(host: &'a Host) -> Self {
        Self { host, v4: Kinds::of(host, 4), v6: Kinds::of(host, 6) }
    }

    /// Was the host read at all?
    pub fn is_known(&self) -> bool {
        self.host.is_known
    }

    /// The host.
    pub fn host(&self) -> &'a Host {
        self.host
    }

    /// What kind of address it is.
    pub fn kind(&self, address: IpAddr) -> AddressKind {
        self.kinds(if address.is_ipv6() { 6 } else { 4 }).at(number(address))
    }

    /// All addresses of this version whose kind is wanted.
    pub fn addresses(&self, version: u8, is_wanted: impl Fn(AddressKind) -> bool) -> Values {
        self.kinds(version).where_kind(is_wanted)
    }

    fn kinds(&self, version: u8) -> &Kinds {
        if version == 6 { &self.v6 } else { &self.v4 }
    }

    /// The addresses of an interface, the first one first.
    pub fn addresses_of(&self, interface: &str, version: u8) -> Vec<IpAddr> {
        let own = self.host.interfaces.iter().find(|one| one.name == interface);
        let addresses = own.into_iter().flat_map(|one| one.addresses.iter().map(|address| address.address));
        addresses.filter(|address| address.is_ipv6() == (version == 6)).collect()
    }

    /// Does the host hand packets of this version on?
    pub fn forwards(&self, version: u8) -> bool {
        if version == 6 { self.host.forwards_v6 } else { self.host.forwards_v4 }
    }

    /// Where a packet to this address goes; of what is `None` nothing is known.
    pub fn way(
        &self,
        to: IpAddr,
        from: Option<IpAddr>,
        mark: Option<u32>,
        in_interface: Option<&str>,
    ) -> Way {
        let version = if to.is_ipv6() { 6 } else { 4 };
        let defaults = default_rules(version);
        let mut own: Vec<&RoutingRule> =
            self.host.rules.iter().filter(|rule| rule.version == version).collect();
        if own.is_empty() {
            own = defaults.iter().collect();
        }
        own.sort_by_key(|rule| rule.priority);
        for rule in own {
            match applies(rule, to, from, mark, in_interface) {
                Some(true) => {}
                Some(false) => continue,
                None => return Way::Unknown("a routing rule asks for what is not known"),
            }
            let Some(table) = rule.table else {
                return Way::Unknown("a routing rule does something else than looking up a table");
            };
            if let Some(way) = self.in_table(table, to) {
                return way;
            }
        }
        Way::Nowhere("there is no route to it")
    }

    fn in_table(&self, table: u32, to: IpAddr) -> Option<Way> {
        let matching =
            self.host.routes.iter().filter(|route| route.table == table && covers(route.destination, to));
        let best =
            matching.min_by_key(|route| (std::cmp::Reverse(route.destination.prefix), route.metric))?;
        Some(match best.kind {
            RouteKind::Local | RouteKind::Broadcast => Way::Here,
            RouteKind::Unicast => out(best),
            RouteKind::Multicast if table == LOCAL_TABLE => return None,
            RouteKind::Multicast => out(best),
            RouteKind::Refuses => Way::Nowhere("its route refuses it"),
            RouteKind::Throw => return None,
            RouteKind::Other => Way::Unknown("its route is of a kind that is not understood"),
        })
    }
}

fn out(route: &Route) -> Way {
    if route.interfaces.is_empty() {
        return Way::Unknown("its route names no interface");
    }
    Way::Out(route.interfaces.clone())
}

/// Does the rule apply? `None`: that hangs on something that is not known.
fn applies(
    rule: &RoutingRule,
    to: IpAddr,
    from: Option<IpAddr>,
    mark: Option<u32>,
    in_interface: Option<&str>,
) -> Option<bool> {
    if rule.to.is_some_and(|network| !covers(network, to)) {
        return Some(false);
    }
    let mut is_sure = !rule.is_opaque && rule.out_interface.is_none();
    match (rule.from, from) {
        (Some(network), Some(from)) if !covers(network, from) => return Some(false),
        (Some(network), None) if network.prefix > 0 => is_sure = false,
        _ => {}
    }
    match (rule.mark, mark) {
        (Some((value, mask)), Some(mark)) if mark & mask != value & mask => return Some(false),
        (Some(_), None) => is_sure = false,
        _ => {}
    }
    match (&rule.in_interface, in_interface) {
        (Some(wanted), Some(name)) if wanted != name => return Some(false),
        (Some(_), None) => is_sure = false,
        _ => {}
    }
    is_sure.then_some(true)
}

/// Is the address in the network?
pub(super) fn covers(network: Address, address: IpAddr) -> bool {
    if full(network.address) != full(address) {
        return false;
    }
    let (range, number) = (range_of(network), number(address));
    range.first <= number && number <= range.last
}

/// What the kernel has if nobody changed it.
fn default_rules(version: u8) -> Vec<RoutingRule> {
    let rule = |priority, table| RoutingRule {
        version,
        priority,
        from: None,
        to: None,
        in_interface: None,
        out_interface: None,
        mark: None,
        table: Some(table),
        is_opaque: false,
    };
    vec![rule(0, LOCAL_TABLE), rule(32_766, 254), rule(32_767, 253)]
}
