//! The rules of a chain.

use ruleset::nft::expression::{Expression, Operator};
use ruleset::nft::iptables::{Reader, Refusal};
use ruleset::{Backend, Chain, Family, RawRule, Rule, Syntax, Table};

use super::decode::expressions;
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
    let Table { backend, family, name, chains, .. } = table;
    for (at, chain) in chains.iter_mut().enumerate() {
        let Chain { name: chain, rules, .. } = chain;
        let narrow = [(1, name.as_str()), (2, chain.as_str())];
        dump(socket, Ask::Rules, frame::number(*family), &narrow, |_, attributes| {
            let handle = attributes.find(3).and_then(Attribute::be64);
            let raw = RawRule {
                expressions: attributes.find(4).map(|list| list.payload.to_vec()).unwrap_or_default(),
                userdata: attributes.find(7).map(|data| data.payload.to_vec()),
            };
            let (mut rule, is_told) = of_raw(&raw, *backend, *family, reader);
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

/// The rule of the kernel's bytes, and whether its text is known.
pub(super) fn of_raw(
    raw: &RawRule,
    backend: Backend,
    family: Family,
    reader: &mut Reader<'_>,
) -> (Rule, bool) {
    let list = expressions(&raw.expressions);
    if backend == Backend::IptablesNft {
        match reader.rule(&list, family) {
            Ok(rule) => return (rule, true),
            Err(Refusal::Extension) => return (native(&list), false),
            Err(Refusal::Native) => {}
        }
    }
    (native(&list), true)
}

/// Reads a rule again, now that more is told.
pub(super) fn again(rule: &mut Rule, backend: Backend, family: Family, reader: &mut Reader<'_>) -> bool {
    let Some(raw) = rule.raw.take() else { return true };
    let (mut new, is_told) = of_raw(&raw, backend, family, reader);
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

fn native(list: &[Expression<'_>]) -> Rule {
    Rule::unread(Syntax::Nft, format!("# {} expressions", list.len()))
}
