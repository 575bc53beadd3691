//! The rules of a chain.

use std::sync::mpsc;

use ruleset::nft::expression::{Expression, Operator};
use ruleset::nft::iptables::{Reader, Refusal};
use ruleset::nft::machine::{self, Surroundings};
use ruleset::{Backend, Family, NftSet, RawRule, Rule, Table};

use super::decode::{emptied, expressions_into};
use super::dump::{Ask, dump};
use super::frame;
use crate::netlink::{Attribute, Attributes, NetlinkError, Socket};

/// Where a rule stands whose text only a program knows: chain and rule.
pub(super) type Place = (usize, usize);

/// From so many rules on the kernel is asked by a thread of its own, while those that came are read.
const MANY: usize = 2_000;
/// So many rules of a chain are handed on at once.
const PIECE: usize = 512;
/// Pieces that may wait to be read.
const WAITING: usize = 64;

/// What the kernel gave for a chain, or a piece of it: the attributes of its rules one behind the other, and where each ends.
///
/// One piece of memory, since what a thread of its own allocates bit by bit is slow.
#[derive(Default)]
struct Dumped {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// Reads the rules of all chains of a table; gives the places of those whose text only a program knows.
pub(super) fn read(
    socket: &mut Socket,
    table: &mut Table,
    reader: &mut Reader<'_>,
) -> Result<Vec<Place>, NetlinkError> {
    let mut untold = Vec::new();
    let mut room = Vec::new();
    let Table { backend, family, name, chains, sets, .. } = table;
    let place = At { backend: *backend, family: *family, sets };
    let mut raise = |at: usize, dumped: Dumped, rules: &mut Vec<Rule>| {
        let mut start = 0;
        for end in dumped.ends {
            let attributes = Attributes::new(&dumped.bytes[start..end]);
            start = end;
            let handle = attributes.find(3).and_then(Attribute::be64);
            let raw = RawRule {
                expressions: attributes.find(4).map(|list| list.payload.to_vec()).unwrap_or_default(),
                userdata: attributes.find(7).map(|data| data.payload.to_vec()),
            };
            let list = expressions_into(&raw.expressions, std::mem::take(&mut room));
            let (mut rule, is_told) = of_list(&raw, &list, place, reader);
            room = emptied(list);
            if !is_told {
                untold.push((at, rules.len()));
            }
            rule.handle = handle;
            rule.raw = Some(Box::new(raw));
            rules.push(rule);
        }
    };
    let expected: usize = chains.iter().map(|chain| chain.rules.capacity()).sum();
    if expected < MANY {
        for (at, chain) in chains.iter_mut().enumerate() {
            dump_chain(socket, *family, name, &chain.name, |piece| raise(at, piece, &mut chain.rules))?;
        }
        return Ok(untold);
    }
    let names: Vec<String> = chains.iter().map(|chain| chain.name.clone()).collect();
    let (family, name) = (*family, name.as_str());
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(WAITING);
        let asking = scope.spawn(move || {
            for (at, chain) in names.iter().enumerate() {
                // Whoever reads them ends only with the last one.
                dump_chain(socket, family, name, chain, |piece| drop(sender.send((at, piece))))?;
            }
            Ok(())
        });
        for (at, piece) in receiver {
            raise(at, piece, &mut chains[at].rules);
        }
        asking.join().unwrap_or(Err(NetlinkError::Interrupted))
    })?;
    Ok(untold)
}

/// Hands on the rules of a chain in pieces, as they come.
fn dump_chain(
    socket: &mut Socket,
    family: Family,
    table: &str,
    chain: &str,
    mut hand_on: impl FnMut(Dumped),
) -> Result<(), NetlinkError> {
    let mut piece = Dumped::default();
    dump(socket, Ask::Rules, frame::number(family), &[(1, table), (2, chain)], |_, attributes| {
        piece.bytes.extend_from_slice(attributes.bytes());
        piece.ends.push(piece.bytes.len());
        if piece.ends.len() == PIECE {
            hand_on(std::mem::take(&mut piece));
        }
    })?;
    hand_on(piece);
    Ok(())
}

/// Where a rule stands.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub backend: Backend,
    pub family: Family,
    pub sets: &'a [NftSet],
}

/// The rule of the kernel's bytes, and whether its text is known.
fn of_list(raw: &RawRule, list: &[Expression<'_>], at: At<'_>, reader: &mut Reader<'_>) -> (Rule, bool) {
    let mut is_told = true;
    if at.backend == Backend::IptablesNft {
        match reader.rule(list, at.family) {
            Ok(rule) => return (rule, true),
            Err(refusal) => is_told = refusal == Refusal::Native,
        }
    }
    let comment = raw.userdata.as_deref().and_then(comment);
    let around = Surroundings {
        family: at.family,
        sets: at.sets,
        interfaces: &|index| Some(nix::net::if_::if_indextoname(index).ok()?.to_string_lossy().into_owned()),
        extension: &|extension, is_target| reader.segment(extension, at.family, is_target),
    };
    (machine::rule(list, comment.as_deref(), &around), is_told)
}

/// The comment in nft's user data: type (0), length, bytes.
fn comment(userdata: &[u8]) -> Option<String> {
    let mut rest = userdata;
    while let [kind, length, more @ ..] = rest {
        let (value, after) = more.split_at_checked(usize::from(*length))?;
        if *kind == 0 {
            let value = value.strip_suffix(&[0]).unwrap_or(value);
            return Some(ruleset::iptables::from_bytes(value).into_owned());
        }
        rest = after;
    }
    None
}

/// Reads a rule again, now that more is told.
pub(super) fn again(rule: &mut Rule, at: At<'_>, reader: &mut Reader<'_>) -> bool {
    let Some(raw) = rule.raw.take() else { return true };
    let list = expressions_into(&raw.expressions, Vec::new());
    let (mut new, is_told) = of_list(&raw, &list, at, reader);
    new.handle = rule.handle;
    new.raw = Some(raw);
    *rule = new;
    is_told
}

/// The protocol that iptables-nft tests first, and "not".
pub(super) fn protocol(list: &[Expression<'_>]) -> Option<(u8, bool)> {
    list.windows(2).find_map(|pair| match pair {
        [
            Expression::Meta { key: 16, .. },
            Expression::Compare {
                operator: operator @ (Operator::Equal | Operator::NotEqual),
                data: [number],
                ..
            },
        ] => Some((*number, *operator == Operator::NotEqual)),
        _ => None,
    })
}
