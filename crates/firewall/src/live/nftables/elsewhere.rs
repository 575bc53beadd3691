//! Text of extensions that we can't write: each is loaded alone into a throw-away network namespace, where iptables-nft-save prints it.
//!
//! Only there: on the live tables that program may print a rule wider than it is, and it would have to print all of them.

use std::collections::BTreeMap;

use nix::sched::{CloneFlags, unshare};
use ruleset::Family;
use ruleset::iptables::from_bytes;
use ruleset::nft::iptables::segments;

use super::frame;
use super::told::Key;
use crate::live::program;
use crate::netlink::{Message, NetlinkError, Protocol, Socket, Writer, flags};

const NEW_TABLE: u16 = 10 << 8;
const NEW_CHAIN: u16 = 10 << 8 | 3;
const NEW_RULE: u16 = 10 << 8 | 6;
const BATCH_BEGIN: u16 = 16;
const BATCH_END: u16 = 17;

/// An extension whose text is wanted, with the rule's protocol and table: some are for one protocol, some for one table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    pub key: Key,
    pub table: String,
    /// Number, and "not".
    pub protocol: Option<(u8, bool)>,
}

/// Why no text could be had.
#[derive(Debug, thiserror::Error)]
pub enum ElsewhereError {
    /// No namespace.
    #[error("a network namespace of our own can't be made")]
    Namespace(#[source] nix::errno::Errno),
    /// No tables in it.
    #[error("tables in a namespace of our own can't be made")]
    Tables(#[source] NetlinkError),
    /// No program.
    #[error(transparent)]
    Program(#[from] program::ProgramError),
    /// The thread ended.
    #[error("the reader of extensions ended early")]
    Thread,
}

/// The texts of those that could be loaded: `-m recent --update ...`.
pub(super) fn texts(wanted: &[Wanted]) -> Result<BTreeMap<Key, String>, ElsewhereError> {
    // A namespace belongs to a thread; with the thread it goes.
    std::thread::scope(|scope| {
        scope.spawn(|| in_namespace(wanted)).join().unwrap_or(Err(ElsewhereError::Thread))
    })
}

fn in_namespace(wanted: &[Wanted]) -> Result<BTreeMap<Key, String>, ElsewhereError> {
    unshare(CloneFlags::CLONE_NEWNET).map_err(ElsewhereError::Namespace)?;
    let mut socket = Socket::open(Protocol::Netfilter).map_err(ElsewhereError::Tables)?;
    for (number, one) in wanted.iter().enumerate() {
        // One that needs what only the real namespace has is refused; its text stays unknown.
        let _ = load(&mut socket, one, &chain(number));
    }
    let mut found = BTreeMap::new();
    for (family, program) in [(Family::Ip, "iptables-nft-save"), (Family::Ip6, "ip6tables-nft-save")] {
        if !wanted.iter().any(|one| one.key.family == family) {
            continue;
        }
        let text = program::output(program, &[])?;
        for line in from_bytes(&text).lines() {
            let rule = line.strip_prefix("-A ").and_then(|rest| rest.split_once(' '));
            let Some((chain, text)) = rule else { continue };
            let Some(one) = chain.strip_prefix(PREFIX).and_then(|number| number.parse::<usize>().ok()) else {
                continue;
            };
            let Some(one) = wanted.get(one) else { continue };
            // Protocol first; then the extension, and nothing else.
            let parts: Vec<&str> = segments(text).into_iter().skip(1).collect();
            let begins = if one.key.is_target { "-j " } else { "-m " };
            if let [only] = parts[..]
                && only.starts_with(begins)
            {
                found.insert(one.key.clone(), only.to_owned());
            }
        }
    }
    Ok(found)
}

const PREFIX: &str = "extension";

fn chain(number: usize) -> String {
    format!("{PREFIX}{number}")
}

fn load(socket: &mut Socket, one: &Wanted, chain: &str) -> Result<(), NetlinkError> {
    let family = frame::number(one.key.family);
    let mut table = Writer::new();
    table.raw(&[family, 0, 0, 0]).text(1, &one.table);
    let mut new_chain = Writer::new();
    new_chain.raw(&[family, 0, 0, 0]).text(1, &one.table).text(3, chain);
    let mut rule = Writer::new();
    rule.raw(&[family, 0, 0, 0]).text(1, &one.table).text(2, chain);
    rule.nest(4, |list| expressions(list, one));
    if let Some((number, negated)) = one.protocol {
        // The kernel doesn't dump NFTA_RULE_COMPAT; protocol 1, flags 2 with "not" as its second bit.
        rule.nest(5, |compat| {
            compat.be32(1, number.into()).be32(2, if negated { 2 } else { 0 });
        });
    }
    let parts =
        [(NEW_TABLE, table.into_bytes()), (NEW_CHAIN, new_chain.into_bytes()), (NEW_RULE, rule.into_bytes())];
    let mut bytes = Vec::new();
    let mut add = |kind: u16, flags: u16, payload: Vec<u8>, socket: &mut Socket| {
        let sequence = socket.sequence();
        Message { kind, flags: flags | flags::REQUEST, sequence, payload }.write_to(&mut bytes);
        sequence
    };
    add(BATCH_BEGIN, 0, vec![0, 0, 0, 10], socket);
    let mut ends = Vec::new();
    for (kind, payload) in parts {
        ends.push(add(kind, flags::CREATE | flags::APPEND | flags::ACK, payload, socket));
    }
    add(BATCH_END, 0, vec![0, 0, 0, 10], socket);
    socket.send(&bytes)?;
    socket.acknowledged(ends[0], ends[2])
}

/// The protocol if there is one, and the extension.
fn expressions(list: &mut Writer, one: &Wanted) {
    const ELEMENT: u16 = 1;
    let mut element = |name: &str, write: &dyn Fn(&mut Writer)| {
        list.nest(ELEMENT, |element| {
            element.text(1, name).nest(2, |data| write(data));
        });
    };
    if let Some((number, negated)) = one.protocol {
        element("meta", &|data| {
            data.be32(2, 16).be32(1, 1);
        });
        element("cmp", &|data| {
            data.be32(1, 1).be32(2, u32::from(negated)).nest(3, |value| {
                value.bytes(1, &[number]);
            });
        });
    }
    element("counter", &|data| {
        data.be64(1, 0).be64(2, 0);
    });
    element(if one.key.is_target { "target" } else { "match" }, &|data| {
        data.text(1, &one.key.name).be32(2, one.key.revision).bytes(3, &one.key.info);
    });
}
