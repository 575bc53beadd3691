//! Tables, chains, sets: the frame in which rules stand.

use super::{Backend, Family, Hook, Host, Policy, Rule, Syntax};

/// Everything that decides about packets on one host (or in one namespace, or in a dump).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ruleset {
    /// In the order in which they were read.
    pub tables: Vec<Table>,
    /// The kernel's ipsets (`ipset save`), which rules of any backend may name.
    pub ipsets: Vec<IpSet>,
    /// Addresses and routes, as far as verdicts need them; empty for a dump.
    pub host: Host,
    /// What could not be read or understood as a whole, for people.
    pub notes: Vec<Note>,
}

/// Something about the reading that a person has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where: a line of a file, a table, a program.
    pub place: String,
    /// What, and what follows from it.
    pub text: String,
}

/// One table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Whose door it came through.
    pub backend: Backend,
    /// Its family.
    pub family: Family,
    /// Its name: `filter`, `nat`, or anything for nft.
    pub name: String,
    /// The netlink port of the process that alone may change it (nft's flag `owner`).
    pub owner: Option<u32>,
    /// Switched off by its flag `dormant`: decides nothing.
    pub is_dormant: bool,
    /// In the kernel's order.
    pub chains: Vec<Chain>,
    /// nft's named sets and maps, and its anonymous ones under the names `__set0`, `__map0`, ...
    pub sets: Vec<NftSet>,
    /// Stateful objects, flowtables and whatever else was not understood, as text.
    pub others: Vec<String>,
}

/// One chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// Its name.
    pub name: String,
    /// The kernel's handle, where there is one.
    pub handle: Option<u64>,
    /// Where it is called from by the kernel; `None` for one that rules jump to.
    pub base: Option<Base>,
    /// What its policy has decided so far.
    pub counters: Option<super::Counters>,
    /// In order: number `n` of `-L --line-numbers` is `rules[n - 1]`.
    pub rules: Vec<Rule>,
}

/// What makes a chain a base chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// filter, nat or route.
    pub kind: ChainKind,
    /// Where it is called.
    pub hook: Hook,
    /// Lower is earlier: raw -300, conntrack -200, mangle -150, dstnat -100, filter 0, security 50, srcnat 100.
    pub priority: i32,
    /// For what no rule has decided.
    pub policy: Policy,
    /// The devices of an ingress or egress chain.
    pub devices: Vec<String>,
}

/// What a base chain is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainKind {
    /// Every packet.
    Filter,
    /// Only the first packet of a flow, to rewrite it.
    Nat,
    /// Output packets, which are routed again if changed (mangle OUTPUT).
    Route,
}

/// A set of the kernel's ipset module, as `ipset save` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpSet {
    /// Its name.
    pub name: String,
    /// Its type, such as `hash:ip,port` or `list:set`.
    pub kind: String,
    /// Options of the `create` line, as written: `family inet hashsize 1024 ...`.
    pub options: String,
    /// Elements with their options, as written: `10.0.0.7,tcp:22 timeout 30`, `10.1.0.0/16 nomatch`.
    pub elements: Vec<String>,
}

/// A set or map of an nft table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NftSet {
    /// Its name.
    pub name: String,
    /// The kernel's handle.
    pub handle: Option<u64>,
    /// The fields of its key, in nft's words: `ipv4_addr`, `inet_service`, ...; several for a concatenation.
    pub key: Vec<String>,
    /// What a map gives: a type of nft's, or `verdict`.
    pub value: Option<String>,
    /// constant, interval, timeout, dynamic, anonymous, ...
    pub flags: Vec<String>,
    /// Elements: for every part of the key a range of numbers (addresses as numbers), and the value as nft writes it.
    pub elements: Vec<(Vec<super::Values>, Option<String>)>,
    /// Could all elements be read and understood?
    pub is_complete: bool,
}

impl Ruleset {
    /// The table of this backend, family and name.
    pub fn table(&self, backend: Backend, family: Family, name: &str) -> Option<&Table> {
        self.tables
            .iter()
            .find(|table| table.backend == backend && table.family == family && table.name == name)
    }
}

impl Table {
    /// The chain of this name.
    pub fn chain(&self, name: &str) -> Option<&Chain> {
        self.chains.iter().find(|chain| chain.name == name)
    }

    /// The language of its rules.
    pub fn syntax(&self) -> Syntax {
        match self.backend {
            Backend::Nft => Syntax::Nft,
            Backend::IptablesNft | Backend::IptablesLegacy => Syntax::Iptables,
        }
    }
}
