//! To whom a listening service is open: the networks from which a new connection would pass.
//!
//! Addresses between which no rule and no set tells a difference get the same answer, so one of each such stretch is asked.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::verdict::{Judge, Verdict};
use crate::{Endpoint, Field, Listener, Packet, Range, Ruleset, SetRef, Step, Test, Values};

/// More stretches than this are not asked one by one: the answer is for a person who waits.
const STRETCHES: usize = 4_096;
/// More networks than this are no answer that a person reads.
const NETWORKS: usize = 64;

/// To whom a service is open, for one version of IP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Openness {
    /// It listens on this host's loopback only.
    ThisHost,
    /// Everybody who can reach this host.
    Everyone,
    /// Nobody.
    Nobody,
    /// These networks, and nobody else.
    Only(Vec<String>),
    /// Everybody but these networks.
    AllBut(Vec<String>),
    /// It differs by interface: name and openness.
    ByInterface(Vec<(String, Openness)>),
    /// It can't be told, because.
    Unknown(String),
}

impl Openness {
    /// In words: `everyone`, `10.0.0.0/8, 192.0.2.7`, `can't tell: ...`.
    pub fn text(&self) -> String {
        match self {
            Self::ThisHost => "this host only".into(),
            Self::Everyone => "everyone".into(),
            Self::Nobody => "nobody".into(),
            Self::Only(networks) => networks.join(", "),
            Self::AllBut(networks) => format!("everyone but {}", networks.join(", ")),
            Self::ByInterface(parts) => {
                let mut told: Vec<(String, Vec<&str>)> = Vec::new();
                for (name, openness) in parts {
                    let text = openness.text();
                    match told.iter_mut().find(|(same, _)| *same == text) {
                        Some((_, names)) => names.push(name),
                        None => told.push((text, vec![name])),
                    }
                }
                let part = |(text, names): &(String, Vec<&str>)| format!("{text} from {}", names.join(", "));
                told.iter().map(part).collect::<Vec<_>>().join("; ")
            }
            Self::Unknown(why) => format!("can't tell: {why}"),
        }
    }
}

/// Answers for one ruleset.
#[derive(Debug)]
pub struct Openings<'a> {
    judge: Judge<'a>,
    ruleset: &'a Ruleset,
    interfaces: Vec<String>,
    edges: [Result<Vec<u128>, String>; 2],
    tells_destinations: bool,
}

impl<'a> Openings<'a> {
    /// Prepares a ruleset.
    pub fn new(ruleset: &'a Ruleset) -> Self {
        Self {
            judge: Judge::new(ruleset),
            ruleset,
            interfaces: interfaces(ruleset),
            edges: [edges(ruleset, 4), edges(ruleset, 6)],
            tells_destinations: tests(ruleset).any(|test| is_about(test, Field::Destination)),
        }
    }

    /// To whom a service is open by IPv4 (4) or IPv6 (6); `None` if it doesn't listen there.
    pub fn of(&self, listener: &Listener, version: u8) -> Option<Openness> {
        let is_v4 = listener.at.address.is_ipv4();
        let takes = if version == 4 { is_v4 || listener.is_dual } else { !is_v4 };
        if !takes {
            return None;
        }
        if listener.at.address.is_loopback() {
            return Some(Openness::ThisHost);
        }
        let ways: Vec<String> = match &listener.interface {
            Some(name) if self.is_loopback(name) => return Some(Openness::ThisHost),
            Some(name) => vec![name.clone()],
            None => self.interfaces.clone(),
        };
        let mut parts: Vec<(String, Openness)> = Vec::new();
        for way in ways {
            let openness = self.by(&way, listener.protocol, listener.at, version);
            parts.push((way, openness));
        }
        let (_, first) = parts.first()?.clone();
        Some(if parts.iter().all(|(_, openness)| *openness == first) {
            first
        } else {
            Openness::ByInterface(parts)
        })
    }

    fn is_loopback(&self, name: &str) -> bool {
        name == "lo" || self.ruleset.host.interfaces.iter().any(|one| one.name == name && one.is_loopback)
    }

    fn by(&self, interface: &str, protocol: u8, at: Endpoint, version: u8) -> Openness {
        let destinations = self.destinations(at.address, version);
        let mut answers: Vec<Openness> = Vec::new();
        for destination in destinations {
            let packet = Packet {
                in_interface: Some(interface.into()),
                destination,
                protocol: Some(protocol),
                destination_port: Some(at.port),
                ..Packet::default()
            };
            let answer = self.for_packet(packet, version);
            if !answers.contains(&answer) {
                answers.push(answer);
            }
        }
        match answers.as_slice() {
            [one] => one.clone(),
            _ => Openness::Unknown(
                "it differs by this host's addresses; `check --dst ADDRESS` tells for one".into(),
            ),
        }
    }

    /// The address of the service; of one that listens everywhere one of this host's addresses, or all if rules look at them.
    fn destinations(&self, address: IpAddr, version: u8) -> Vec<Option<IpAddr>> {
        if !address.is_unspecified() {
            return vec![Some(address)];
        }
        let interfaces = self.ruleset.host.interfaces.iter().filter(|interface| !interface.is_loopback);
        let own = interfaces.flat_map(|interface| &interface.addresses).map(|one| one.address);
        let is_wanted = |address: &IpAddr| match address {
            IpAddr::V4(_) => version == 4,
            IpAddr::V6(address) => version == 6 && !address.is_unicast_link_local(),
        };
        let own: Vec<Option<IpAddr>> = own.filter(is_wanted).map(Some).collect();
        match own.as_slice() {
            // A dump file, or a host without such addresses: any destination, which is this host's.
            [] => vec![None],
            [first, ..] if !self.tells_destinations => vec![*first],
            _ => own,
        }
    }

    fn for_packet(&self, packet: Packet, version: u8) -> Openness {
        let any =
            if version == 4 { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
        let edges = match &self.edges[usize::from(version == 6)] {
            Ok(edges) => edges,
            Err(why) => return Openness::Unknown(why.clone()),
        };
        let last = if version == 4 { u128::from(u32::MAX) } else { u128::MAX };
        let mut passing: Vec<Range> = Vec::new();
        for (index, first) in edges.iter().enumerate() {
            let end = edges.get(index + 1).map_or(last, |next| next - 1);
            // The zero address is nobody's; its neighbours in the stretch stand for it.
            let asked = if *first == 0 && end > 0 { 1 } else { *first };
            let source = address(asked, any);
            let answer = self.judge.decide(&Packet { source: Some(source), ..packet.clone() });
            match answer.verdict {
                Verdict::Accept => passing.push(Range { first: *first, last: end }),
                Verdict::Drop | Verdict::Reject => {}
                Verdict::Depends => return Openness::Unknown(depends_on(&answer.assumptions)),
            }
        }
        let Values::Ranges(passing) = Values::ranges(passing) else { return Openness::Nobody };
        summary(&passing, last, any)
    }
}

fn depends_on(assumptions: &[String]) -> String {
    assumptions.first().cloned().unwrap_or_else(|| "it hangs on more than the address".into())
}

fn summary(passing: &[Range], last: u128, any: IpAddr) -> Openness {
    let whole = Range { first: 0, last };
    if passing.is_empty() {
        return Openness::Nobody;
    }
    if passing == [whole] {
        return Openness::Everyone;
    }
    let bits = if any.is_ipv4() { 32 } else { 128 };
    let told = |ranges: &[Range]| -> Vec<String> {
        ranges
            .iter()
            .flat_map(|range| networks(*range, bits))
            .map(|(first, prefix)| network(first, prefix, any))
            .collect()
    };
    let (only, but) = (told(passing), told(&gaps(passing, last)));
    let (list, is_but) = if but.len() < only.len() { (but, true) } else { (only, false) };
    match (list.len() > NETWORKS, is_but) {
        (true, true) => Openness::AllBut(vec![format!("{} networks", list.len())]),
        (true, false) => Openness::Only(vec![format!("{} networks", list.len())]),
        (false, true) => Openness::AllBut(list),
        (false, false) => Openness::Only(list),
    }
}

fn gaps(ranges: &[Range], last: u128) -> Vec<Range> {
    let mut gaps = Vec::new();
    let mut next = Some(0);
    for range in ranges {
        if let Some(next) = next.filter(|next| *next < range.first) {
            gaps.push(Range { first: next, last: range.first - 1 });
        }
        next = range.last.checked_add(1);
    }
    gaps.extend(next.filter(|next| *next <= last).map(|first| Range { first, last }));
    gaps
}

/// A range as networks: first address and length of the prefix.
fn networks(range: Range, bits: u32) -> Vec<(u128, u32)> {
    let mut found = Vec::new();
    let mut first = range.first;
    loop {
        let aligned = if first == 0 { bits } else { first.trailing_zeros().min(bits) };
        // The largest network that begins here and ends inside.
        let size = (0..=aligned).rev().find(|size| last_of(first, *size) <= range.last).unwrap_or(0);
        found.push((first, bits - size));
        match last_of(first, size).checked_add(1) {
            Some(next) if next <= range.last => first = next,
            _ => return found,
        }
    }
}

fn last_of(first: u128, size: u32) -> u128 {
    first | 1_u128.checked_shl(size).map_or(u128::MAX, |count| count - 1)
}

fn network(first: u128, prefix: u32, any: IpAddr) -> String {
    let address = address(first, any);
    let is_one = prefix == if any.is_ipv4() { 32 } else { 128 };
    if is_one { address.to_string() } else { format!("{address}/{prefix}") }
}

fn address(number: u128, any: IpAddr) -> IpAddr {
    match any {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX))),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from(number)),
    }
}

/// Interfaces by which others come: the host's own, else those that rules name, and one that none names.
fn interfaces(ruleset: &Ruleset) -> Vec<String> {
    let own = ruleset.host.interfaces.iter().filter(|one| !one.is_loopback && one.is_up);
    let own: Vec<String> = own.map(|one| one.name.clone()).collect();
    if !own.is_empty() {
        return own;
    }
    let mut named: BTreeSet<String> = BTreeSet::new();
    for test in tests(ruleset) {
        names(test, &mut named);
    }
    named.remove("lo");
    let mut all: Vec<String> = named.into_iter().collect();
    all.push("any other interface".into());
    all
}

fn names(test: &Test, named: &mut BTreeSet<String>) {
    match test {
        Test::Field { field: Field::InInterface, values: Values::Names(list), .. } => {
            named.extend(list.iter().map(|name| match name.is_prefix {
                true => format!("{}0", name.text),
                false => name.text.clone(),
            }));
        }
        Test::Any(tests) => tests.iter().for_each(|test| names(test, named)),
        Test::Field { .. } | Test::Set { .. } | Test::Opaque { .. } => {}
    }
}

fn tests(ruleset: &Ruleset) -> impl Iterator<Item = &Test> {
    let rules = ruleset.tables.iter().flat_map(|table| &table.chains).flat_map(|chain| &chain.rules);
    rules.flat_map(|rule| &rule.steps).filter_map(|step| match step {
        Step::Test(test) => Some(test),
        Step::Do(_) => None,
    })
}

fn is_about(test: &Test, wanted: Field) -> bool {
    match test {
        Test::Field { field, .. } => *field == wanted,
        Test::Set { keys, .. } => keys.contains(&wanted),
        Test::Any(tests) => tests.iter().any(|test| is_about(test, wanted)),
        Test::Opaque { .. } => false,
    }
}

/// The first addresses of the stretches between which rules and sets tell a difference.
fn edges(ruleset: &Ruleset, version: u8) -> Result<Vec<u128>, String> {
    let last = if version == 4 { u128::from(u32::MAX) } else { u128::MAX };
    let mut found = BTreeSet::from([0]);
    for table in &ruleset.tables {
        let other = if version == 4 { crate::Family::Ip6 } else { crate::Family::Ip };
        if table.family == other {
            continue;
        }
        let steps = table.chains.iter().flat_map(|chain| &chain.rules).flat_map(|rule| &rule.steps);
        for step in steps {
            if let Step::Test(test) = step {
                of_test(ruleset, test, last, &mut found)?;
            }
        }
        for set in table.sets.iter().filter(|set| set.key.iter().any(|key| key.contains("_addr"))) {
            for value in set.elements.iter().flat_map(|(parts, _)| parts) {
                of_values(value, last, &mut found)?;
            }
        }
        if found.len() > STRETCHES {
            return Err("too many networks in the rules to ask for each".into());
        }
    }
    Ok(found.into_iter().filter(|edge| *edge <= last).collect())
}

fn of_test(ruleset: &Ruleset, test: &Test, last: u128, found: &mut BTreeSet<u128>) -> Result<(), String> {
    match test {
        Test::Field { field: Field::Source | Field::CtOriginalSource, values, .. } => {
            of_values(values, last, found)
        }
        Test::Any(tests) => tests.iter().try_for_each(|test| of_test(ruleset, test, last, found)),
        Test::Set { set: SetRef::Ipset(name), keys, .. } if keys.contains(&Field::Source) => {
            let elements = ruleset.ipsets.iter().filter(|set| set.name == *name || set.kind == "list:set");
            for element in elements.flat_map(|set| &set.elements) {
                of_element(element, last, found);
            }
            Ok(())
        }
        Test::Field { .. } | Test::Set { .. } | Test::Opaque { .. } => Ok(()),
    }
}

fn of_values(values: &Values, last: u128, found: &mut BTreeSet<u128>) -> Result<(), String> {
    match values {
        Values::Ranges(ranges) => {
            for range in ranges {
                found.insert(range.first);
                found.extend(range.last.checked_add(1).filter(|next| *next <= last));
            }
        }
        Values::Masked(masked) => {
            for one in masked {
                let free = last & !one.mask;
                if free & free.wrapping_add(1) != 0 {
                    return Err("a rule has a mask with holes in it".into());
                }
                found.insert(one.value);
                found.extend((one.value | free).checked_add(1).filter(|next| *next <= last));
            }
        }
        Values::AnyBit(_) => return Err("a rule looks at single bits of the address".into()),
        Values::Names(_) => {}
    }
    Ok(())
}

/// `10.0.0.0/8`, `10.0.0.7,tcp:22 timeout 30`, `10.0.0.1-10.0.0.9`: whatever in it is an address.
fn of_element(element: &str, last: u128, found: &mut BTreeSet<u128>) {
    let key = element.split_whitespace().next().unwrap_or_default();
    for part in key.split(',') {
        let (text, prefix) =
            part.split_once('/').map_or((part, None), |(text, prefix)| (text, prefix.parse::<u32>().ok()));
        let (first, end) = text.split_once('-').unwrap_or((text, text));
        let number = |text: &str| match text.parse().ok()? {
            IpAddr::V4(address) if last == u128::from(u32::MAX) => Some(u128::from(u32::from(address))),
            IpAddr::V6(address) if last == u128::MAX => Some(u128::from(address)),
            IpAddr::V4(_) | IpAddr::V6(_) => None,
        };
        let (Some(first), Some(end)) = (number(first), number(end)) else { continue };
        let bits = if last == u128::MAX { 128 } else { 32 };
        let end = prefix.map_or(end, |prefix| last_of(first, bits - prefix.min(bits)));
        found.insert(first);
        found.extend(end.checked_add(1).filter(|next| *next <= last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Backend, Family, iptables};

    fn told(rules: &str, at: &str, version: u8) -> String {
        let family = if version == 4 { Family::Ip } else { Family::Ip6 };
        let text = format!("*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n{rules}COMMIT\n");
        let mut ruleset = iptables::parse(&text, Backend::IptablesNft, family).0;
        ruleset.ipsets = crate::ipset::parse("create good hash:net family inet\nadd good 10.1.0.0/16\n").0;
        let at: std::net::SocketAddr = at.parse().unwrap();
        let listener = Listener {
            protocol: 6,
            at: Endpoint { address: at.ip(), port: at.port() },
            is_dual: true,
            interface: None,
            process: None,
            pid: None,
        };
        Openings::new(&ruleset).of(&listener, version).map_or("-".into(), |openness| openness.text())
    }

    #[test]
    fn to_whom_a_service_is_open() {
        let check =
            |rules, at, version, expected: &str| assert_eq!(told(rules, at, version), expected, "{rules}");
        check("", "0.0.0.0:22", 4, "nobody");
        check("-A INPUT -i lo -j ACCEPT\n", "0.0.0.0:22", 4, "nobody");
        check("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n", "0.0.0.0:22", 4, "everyone");
        check("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n", "[::]:22", 4, "everyone");
        check("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n", "0.0.0.0:23", 4, "nobody");
        check("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n", "127.0.0.1:22", 4, "this host only");
        check("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n", "0.0.0.0:22", 6, "-");
        check("-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT\n", "0.0.0.0:22", 4, "10.0.0.0/8");
        check("-A INPUT -s fd00::/8 -p tcp -j ACCEPT\n", "[::]:22", 6, "fd00::/8");
        check(
            "-A INPUT -s 192.0.2.7/32 -j DROP\n-A INPUT -p tcp -j ACCEPT\n",
            "0.0.0.0:22",
            4,
            "everyone but 192.0.2.7",
        );
        check(
            "-A INPUT -i eth1 -p tcp -j ACCEPT\n",
            "0.0.0.0:22",
            4,
            "everyone from eth1; nobody from any other interface",
        );
        check(
            "-A INPUT -m iprange --src-range 10.0.0.1-10.0.0.6 -p tcp -j ACCEPT\n",
            "0.0.0.0:22",
            4,
            "10.0.0.1, 10.0.0.2/31, 10.0.0.4/31, 10.0.0.6",
        );
        check(
            "-A INPUT -p tcp -m limit --limit 1/sec -j ACCEPT\n",
            "0.0.0.0:22",
            4,
            "can't tell: accepted by rule 1 of INPUT (filter) if `-m limit --limit 1/sec` holds",
        );
    }

    #[test]
    fn ranges_become_networks() {
        let check = |first, last, bits, expected: &[(u128, u32)]| {
            assert_eq!(networks(Range { first, last }, bits), expected);
        };
        check(0, u128::from(u32::MAX), 32, &[(0, 0)]);
        check(0, u128::MAX, 128, &[(0, 0)]);
        check(1, 3, 32, &[(1, 32), (2, 31)]);
        check(u128::MAX, u128::MAX, 128, &[(u128::MAX, 128)]);
        assert_eq!(
            gaps(&[Range { first: 0, last: 5 }, Range { first: 7, last: 255 }], 255),
            [Range { first: 6, last: 6 }]
        );
        assert_eq!(gaps(&[], 255), [Range { first: 0, last: 255 }]);
    }
}
