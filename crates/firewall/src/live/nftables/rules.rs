//! The rules of a chain.

use ruleset::nft::expression::{Expression, Operator};
use ruleset::nft::iptables::{Reader, Refusal};
use ruleset::nft::machine::{self, Surroundings};
use ruleset::{Backend, Chain, Family, NftSet, RawRule, Rule, Table};

use super::decode::{emptied, expressions_into};
use super::dump::{Ask, dump};
use super::frame;
use crate::netlink::{Attribute, NetlinkError, Socket};

/// Where a rule stands whose text only a program knows: chain and rule.
pub(super) type Place = (usize, usize);

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
    for (at, chain) in chains.iter_mut().enumerate() {
        let Chain { name: chain, rules, .. } = chain;
        let narrow = [(1, name.as_str()), (2, chain.as_str())];
        dump(socket, Ask::Rules, frame::number(*family), &narrow, |_, attributes| {
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
        })?;
    }
    Ok(untold)
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
