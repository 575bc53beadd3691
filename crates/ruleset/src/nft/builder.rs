//! Builds the rules of a table from statements, with the anonymous sets that they name.

use super::compare::item;
use super::kind::Kind;
use super::raise::Raiser;
use super::selector::Selector;
use super::statement::{Item, Statement};
use crate::{Counters, NftSet, Rule, Syntax, Table, Values};

/// A rule while it is read.
pub(super) struct Building<'a> {
    table: &'a mut Table,
    /// Statements so far.
    pub statements: Vec<Statement>,
    /// Of its counter.
    pub counters: Option<Counters>,
    /// Its comment.
    pub comment: Option<String>,
    /// Its handle.
    pub handle: Option<u64>,
}

impl<'a> Building<'a> {
    /// A rule of this table.
    pub fn new(table: &'a mut Table) -> Self {
        Self { table, statements: Vec::new(), counters: None, comment: None, handle: None }
    }

    /// Family of the table.
    pub fn family(&self) -> crate::Family {
        self.table.family
    }

    /// 4 or 6, where the family or what was tested so far tells.
    pub fn version(&self) -> Option<u8> {
        let mut raiser = Raiser::new(self.table.family);
        for statement in &self.statements {
            raiser.add(statement);
        }
        raiser.version()
    }

    /// An anonymous set or map, as the kernel would name it.
    pub fn anonymous(
        &mut self,
        keys: &[Selector],
        elements: &[(Vec<String>, Option<String>)],
        is_map: bool,
    ) -> (String, String) {
        let prefix = if is_map { "__map" } else { "__set" };
        let number = self.table.sets.iter().filter(|set| set.name.starts_with(prefix)).count();
        let name = format!("{prefix}{number}");
        let kinds: Vec<(Kind, u32)> = keys.iter().map(|key| (key.kind(), key.bits())).collect();
        let mut set = NftSet {
            name: name.clone(),
            handle: None,
            key: keys.iter().map(|key| format!("typeof {}", key.text())).collect(),
            value: is_map.then(|| "verdict".to_owned()),
            flags: vec!["anonymous".to_owned(), "constant".to_owned()],
            elements: Vec::new(),
            is_complete: true,
        };
        fill(&mut set, &kinds, elements);
        let words: Vec<String> = elements
            .iter()
            .map(|(parts, value)| match value {
                Some(value) => format!("{} : {value}", parts.join(" . ")),
                None => parts.join(" . "),
            })
            .collect();
        self.table.sets.push(set);
        (name, words.join(", "))
    }

    /// The rule; its text, where it is not given, in nft's words.
    pub fn rule(self, text: Option<String>) -> Rule {
        let mut raiser = Raiser::new(self.table.family);
        for statement in &self.statements {
            raiser.add(statement);
        }
        let text = text.unwrap_or_else(|| {
            let texts = self.statements.iter().map(Statement::text);
            let mut words: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
            words.extend(self.comment.as_ref().map(|comment| format!("comment \"{comment}\"")));
            words.join(" ")
        });
        Rule {
            handle: self.handle,
            counters: self.counters,
            text,
            syntax: Syntax::Nft,
            steps: raiser.into_steps(),
            comment: self.comment,
            lie: None,
            raw: None,
        }
    }
}

/// Reads the elements of a set with these parts; the one for everything comes last, as it is asked last.
pub(super) fn fill(set: &mut NftSet, kinds: &[(Kind, u32)], elements: &[(Vec<String>, Option<String>)]) {
    let mut last = Vec::new();
    for (parts, value) in elements {
        if parts.len() == 1 && parts[0] == "*" {
            let all = kinds.iter().map(|(kind, _)| match kind {
                Kind::Interface => Values::Names(vec![crate::Name { text: String::new(), is_prefix: true }]),
                _ => Values::Ranges(vec![crate::Range { first: 0, last: u128::MAX }]),
            });
            last.push((all.collect(), value.clone()));
            continue;
        }
        let read: Option<Vec<Values>> = parts
            .iter()
            .zip(kinds)
            .map(|(part, (kind, bits))| {
                Some(match item(part, *kind, *bits)? {
                    Item::Numbers(range) => Values::Ranges(vec![range]),
                    Item::Name(name) => Values::Names(vec![name]),
                })
            })
            .collect();
        match read.filter(|read| read.len() == kinds.len() && parts.len() == kinds.len()) {
            Some(read) => set.elements.push((read, value.clone())),
            None => set.is_complete = false,
        }
    }
    set.elements.append(&mut last);
}

/// The type of a part of a named set's key, by nft's name of it.
pub(super) fn kind_of(name: &str) -> Option<(Kind, u32)> {
    Some(match name {
        "ipv4_addr" => (Kind::Ipv4, 32),
        "ipv6_addr" => (Kind::Ipv6, 128),
        "ether_addr" => (Kind::Ether, 48),
        "ether_type" => (Kind::EtherType, 16),
        "inet_proto" => (Kind::Protocol, 8),
        "inet_service" => (Kind::Port, 16),
        "icmp_type" => (Kind::Icmp, 8),
        "icmpv6_type" => (Kind::Icmpv6, 8),
        "tcp_flag" => (Kind::TcpFlags, 8),
        "mark" => (Kind::Hex, 32),
        "uid" | "gid" | "devgroup" => (Kind::Integer, 32),
        "ct_state" => (Kind::CtState, 32),
        "ct_status" => (Kind::CtStatus, 32),
        "ct_dir" => (Kind::CtDirection, 8),
        "pkt_type" => (Kind::PacketType, 8),
        "icmp_code" | "icmpv6_code" => (Kind::Integer, 8),
        "nf_proto" => (Kind::Version, 8),
        "fib_addrtype" => (Kind::AddressType, 32),
        "dscp" => (Kind::Dscp, 6),
        "ifname" => (Kind::Interface, 128),
        _ => return None,
    })
}
