//! The chains that the kernel itself calls in the tables of iptables.

use crate::{Base, ChainKind, Hook, Policy};

/// Where the kernel calls the chain of this name in the table of this name; `None` for a chain that only rules call.
pub fn base_of(table: &str, chain: &str, policy: Policy) -> Option<Base> {
    let hook = match chain {
        "PREROUTING" => Hook::Prerouting,
        "INPUT" => Hook::Input,
        "FORWARD" => Hook::Forward,
        "OUTPUT" => Hook::Output,
        "POSTROUTING" => Hook::Postrouting,
        _ => return None,
    };
    let (kind, priority) = match (table, hook) {
        ("filter", Hook::Input | Hook::Forward | Hook::Output) => (ChainKind::Filter, 0),
        ("security", Hook::Input | Hook::Forward | Hook::Output) => (ChainKind::Filter, 50),
        ("raw", Hook::Prerouting | Hook::Output) => (ChainKind::Filter, -300),
        ("mangle", Hook::Output) => (ChainKind::Route, -150),
        ("mangle", _) => (ChainKind::Filter, -150),
        ("nat", Hook::Prerouting | Hook::Output) => (ChainKind::Nat, -100),
        ("nat", Hook::Input | Hook::Postrouting) => (ChainKind::Nat, 100),
        _ => return None,
    };
    Some(Base { kind, hook, priority, policy, devices: Vec::new() })
}
