//! iptables-nft: one netlink batch for all its tables, bound to the generation at which they were read.

mod batch;
mod encode;
mod expression;
mod kernel;
mod linked;
mod prepare;
mod sets;
mod undo;

use std::collections::BTreeMap;

use ruleset::plan::Operation;

pub use encode::EncodeError;
pub(super) use prepare::{Cache, Prepared, policy_of, prepare};
pub(super) use undo::undo;

use self::batch::{At, Batch, Refused, Told};
use self::linked::Link;
use self::prepare::Step;
use super::edit::{Edit, Edits};
use super::error::{ApplyError, Unverified};
use crate::netlink::{Protocol, Socket};

/// Why nothing was written.
pub(super) enum WriteError {
    /// Somebody else has written meanwhile.
    Stale,
    /// Anything else.
    Failed(ApplyError),
}

fn at(edit: &Edit) -> At<'_> {
    At { family: edit.change.family, table: &edit.change.table, chain: &edit.change.chain }
}

/// Writes all of it or nothing, and notes the handles of what came in.
pub(super) fn write(prepared: &Prepared, edits: &mut Edits) -> Result<BTreeMap<usize, Told>, WriteError> {
    let mut socket = Socket::open(Protocol::Netfilter).map_err(|error| WriteError::Failed(error.into()))?;
    let mut batch = Batch::begin(&mut socket, Some(prepared.generation));
    for (family, table) in &prepared.tables {
        batch.make_table(*family, table);
    }
    for (family, table, chain, like) in &prepared.chains {
        batch.make_chain(At { family: *family, table, chain }, like);
    }
    for (number, step) in &prepared.steps {
        let at = at(&edits.edits[*number]);
        match step {
            Step::Add { place, raw, .. } => batch.add_rule(at, *place, prepare::id(*number), raw, *number),
            Step::Delete(handle) => batch.delete_rule(at, *handle, *number),
            Step::Policy(policy) => batch.set_policy(at, *policy, *number),
        }
    }
    let told = batch.commit().map_err(|refused| match refused {
        Refused::Stale => WriteError::Stale,
        Refused::Change(number, errno) => {
            let change = number.map(|number| edits.edits[number].change.clone());
            WriteError::Failed(ApplyError::Refused { change: change.map(Box::new), errno })
        }
        Refused::Netlink(error) => WriteError::Failed(error.into()),
    })?;
    for (number, told) in &told {
        edits.edits[*number].handle = Some(told.handle);
    }
    Ok(told)
}

/// Reads back what was written, rule by rule: not whole chains, which may be long.
pub(super) fn verify(
    prepared: &Prepared,
    edits: &Edits,
    told: &BTreeMap<usize, Told>,
) -> Result<(), ApplyError> {
    let mut socket = Socket::open(Protocol::Netfilter)?;
    for (number, step) in &prepared.steps {
        let edit = &edits.edits[*number];
        let at = at(edit);
        let mut rule = |handle| kernel::rule_by_handle(&mut socket, at.family, at.table, at.chain, handle);
        if let Step::Add { previous, .. } = step
            && !is_placed(*previous, told.get(number), told)
        {
            return Err(ApplyError::Unverified(Unverified::Place(Box::new(edit.change.clone()))));
        }
        let is_so = match step {
            Step::Add { raw, .. } => match edit.handle {
                Some(handle) => rule(handle)?.is_some_and(|found| {
                    expression::is_same(&found.expressions, &raw.expressions)
                        && found.userdata == raw.userdata
                }),
                None => false,
            },
            Step::Delete(handle) => rule(*handle)?.is_none(),
            Step::Policy(policy) => {
                let found = kernel::chain_by_name(&mut socket, at.family, at.table, at.chain)?;
                // A policy that is changed twice in one plan ends as the last one says.
                let later = prepared.steps.iter().any(|(of, step)| {
                    matches!(step, Step::Policy(_)) && of > number && is_same_chain(&edits.edits[*of], edit)
                });
                later || found.and_then(|chain| chain.policy) == Some(*policy)
            }
        };
        if !is_so {
            return Err(ApplyError::Unverified(Unverified::State(Box::new(edit.change.clone()))));
        }
    }
    Ok(())
}

/// Does the rule stand behind the one that it should?
fn is_placed(wanted: Option<Link>, told: Option<&Told>, all: &BTreeMap<usize, Told>) -> bool {
    // What the kernel tells nothing of is looked up by its handle instead.
    let Some(told) = told else { return true };
    let wanted = wanted.and_then(|link| match link {
        Link::Old(handle) => Some(handle),
        Link::New(number) => all.get(&number).map(|told| told.handle),
    });
    told.previous == wanted
}

fn is_same_chain(one: &Edit, other: &Edit) -> bool {
    let place = |edit: &Edit| (edit.change.family, edit.change.table.clone(), edit.change.chain.clone());
    one.change.op == Operation::Policy && place(one) == place(other)
}
