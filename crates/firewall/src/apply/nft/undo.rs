//! Takes our own edits of nf_tables back: each by its handle or our mark, on the state as it is by then.

use std::collections::BTreeMap;

use nix::errno::Errno;
use ruleset::plan::Operation;
use ruleset::{Family, Policy};

use super::batch::{Anchor, At, Batch, Place, Refused, with_its_counters};
use super::kernel::{self, KernelRule};
use super::{at, expression, prepare};
use crate::apply::edit::{Edit, Edits, Gone, Neighbour, Undone};
use crate::apply::error::ApplyError;
use crate::netlink::{Protocol, Socket};

/// How often it is tried again when others write at the same time.
const ATTEMPTS: usize = 200;

/// One step back.
enum Back {
    /// Our rule goes.
    Remove(u64),
    /// Their rule comes back.
    Return(Place),
    /// The policy that was.
    Policy(Policy),
}

/// The rules of the chains that are touched, read once per attempt; only where a handle alone does not do.
#[derive(Default)]
struct Chains(BTreeMap<(Family, String, String), Option<Vec<KernelRule>>>);

impl Chains {
    fn rules(&mut self, socket: &mut Socket, at: At<'_>) -> Result<Option<&[KernelRule]>, ApplyError> {
        let key = (at.family, at.table.to_owned(), at.chain.to_owned());
        if !self.0.contains_key(&key) {
            let rules = kernel::rules(socket, at.family, at.table, at.chain)?;
            self.0.insert(key.clone(), rules);
        }
        Ok(self.0[&key].as_deref())
    }
}

/// Takes back the edits with these numbers, in one transaction.
pub(in crate::apply) fn undo(edits: &Edits, numbers: &[usize]) -> Result<Undone, ApplyError> {
    let mut socket = Socket::open(Protocol::Netfilter)?;
    let mut refused: BTreeMap<usize, Errno> = BTreeMap::new();
    for _ in 0..ATTEMPTS {
        let generation = kernel::generation(&mut socket)?;
        let mut undone = Undone::default();
        let steps = steps(&mut socket, edits, numbers, &refused, &mut undone)?;
        // Rules are found by handle, which is never used twice; a policy has to be as it was when it was read.
        let is_bound = steps.iter().any(|(_, step)| matches!(step, Back::Policy(_)));
        if steps.is_empty() {
            unmake(&mut socket, edits, &mut undone)?;
            return Ok(undone);
        }
        let mut batch = Batch::begin(&mut socket, is_bound.then_some(generation));
        for (number, step) in &steps {
            let edit = &edits.edits[*number];
            match step {
                Back::Remove(handle) => batch.delete_rule(at(edit), *handle, *number),
                Back::Policy(policy) => batch.set_policy(at(edit), *policy, *number),
                Back::Return(place) => {
                    let gone = edit.gone.as_ref().expect("a rule that returns had gone");
                    let raw = gone.raw_rule().expect("a rule of nf_tables has bytes");
                    let raw = with_its_counters(&raw, gone.counters);
                    batch.add_rule(at(edit), *place, prepare::id(*number), &raw, *number);
                }
            }
        }
        match batch.commit() {
            Ok(_) => {
                undone.done.extend(steps.iter().map(|(number, step)| told(&edits.edits[*number], step)));
                unmake(&mut socket, edits, &mut undone)?;
                return Ok(undone);
            }
            // A neighbour or the rule itself went away since it was read: look again.
            Err(Refused::Stale | Refused::Change(_, Errno::ENOENT | Errno::EAGAIN)) => {}
            // One that can't be taken back must not hinder the others.
            Err(Refused::Change(Some(number), errno)) => {
                refused.insert(number, errno);
            }
            Err(Refused::Change(None, errno)) => return Err(ApplyError::Refused { change: None, errno }),
            Err(Refused::Netlink(error)) => return Err(error.into()),
        }
    }
    Err(ApplyError::Busy(ATTEMPTS))
}

/// What has to be done now, last change first; what need not or can't be done goes to `undone`.
fn steps(
    socket: &mut Socket,
    edits: &Edits,
    numbers: &[usize],
    refused: &BTreeMap<usize, Errno>,
    undone: &mut Undone,
) -> Result<Vec<(usize, Back)>, ApplyError> {
    let mut chains = Chains::default();
    let mut steps = Vec::new();
    let mut returned: BTreeMap<u64, u32> = BTreeMap::new();
    for number in numbers.iter().rev().copied() {
        let edit = &edits.edits[number];
        if let Some(errno) = refused.get(&number) {
            undone.failed.push(format!("{}: the kernel refuses it ({})", line(edit), errno.desc()));
            continue;
        }
        if edit.change.op == Operation::Policy {
            policy_back(socket, edits, number, undone, &mut steps)?;
            continue;
        }
        let ours = match edit.change.op {
            Operation::Insert | Operation::Replace => ours(socket, edits, number, &mut chains)?,
            Operation::Delete | Operation::Policy => None,
        };
        if let Some(gone) = &edit.gone
            && let Some(place) = place_back(socket, edits, number, ours, &mut chains, &returned, undone)?
        {
            returned.extend(gone.handle.map(|handle| (handle, prepare::id(number))));
            steps.push((number, Back::Return(place)));
        }
        match (edit.change.op, ours) {
            (Operation::Insert | Operation::Replace, Some(handle)) => {
                steps.push((number, Back::Remove(handle)))
            }
            (Operation::Insert | Operation::Replace, None) => {
                undone.notes.push(format!("{} is not there any more: somebody has removed it", line(edit)));
            }
            _ => {}
        }
    }
    Ok(steps)
}

/// The handle of the rule that came in by this edit, if it is there and ours.
fn ours(
    socket: &mut Socket,
    edits: &Edits,
    number: usize,
    chains: &mut Chains,
) -> Result<Option<u64>, ApplyError> {
    let edit = &edits.edits[number];
    let at = at(edit);
    let mark = u16::try_from(number).unwrap_or(u16::MAX);
    let is_ours = |rule: &KernelRule| expression::tag_of(rule.userdata.as_deref()) == Some((edits.tag, mark));
    if let Some(handle) = edit.handle {
        let rule = kernel::rule_by_handle(socket, at.family, at.table, at.chain, handle)?;
        return Ok(rule.filter(is_ours).map(|rule| rule.handle));
    }
    let rules = chains.rules(socket, at)?.unwrap_or_default();
    Ok(rules.iter().find(|rule| is_ours(rule)).map(|rule| rule.handle))
}

/// Where the rule that went goes back to; `None` if it need not or can't.
fn place_back(
    socket: &mut Socket,
    edits: &Edits,
    number: usize,
    ours: Option<u64>,
    chains: &mut Chains,
    returned: &BTreeMap<u64, u32>,
    undone: &mut Undone,
) -> Result<Option<Place>, ApplyError> {
    let edit = &edits.edits[number];
    let Some(gone) = &edit.gone else { return Ok(None) };
    let Some(raw) = gone.raw_rule() else {
        undone.failed.push(format!("{}: its bytes were not kept", gone_line(edit, gone)));
        return Ok(None);
    };
    let Some(rules) = chains.rules(socket, at(edit))? else {
        undone.failed.push(format!("{}: its chain is gone", gone_line(edit, gone)));
        return Ok(None);
    };
    if rules.iter().any(|rule| Some(rule.handle) == gone.handle) {
        // It never went: what was planned was not written.
        return Ok(None);
    }
    let same = rules.iter().filter(|rule| expression::is_same(&rule.expressions, &raw.expressions)).count();
    if same > gone.twins {
        undone.notes.push(format!("{} is there already: somebody has put it back", gone_line(edit, gone)));
        return Ok(None);
    }
    if let Some(handle) = ours {
        return Ok(Some(Place::After(Anchor::Handle(handle))));
    }
    let anchor = |neighbour: &Neighbour| {
        // One that the same plan brought in is taken back later, and stands there until then.
        let handle = neighbour.edit.map_or(neighbour.handle, |number| edits.edits[number].handle)?;
        let is_there = rules.iter().any(|rule| rule.handle == handle);
        let new = returned.get(&handle).map(|number| Anchor::New(*number));
        is_there.then_some(Anchor::Handle(handle)).or(new)
    };
    // The nearest neighbour that is still there decides, above before below.
    for distance in 0..edit.above.len().max(edit.below.len()) {
        if let Some(found) = edit.above.get(distance).and_then(anchor) {
            return Ok(Some(Place::After(found)));
        }
        if let Some(found) = edit.below.get(distance).and_then(anchor) {
            return Ok(Some(Place::Before(found)));
        }
    }
    if edit.above.is_empty() && edit.below.is_empty() {
        return Ok(Some(Place::First));
    }
    undone.failed.push(format!(
        "{}: none of the rules beside it is there any more (the chain was written anew), so its place is unknown",
        gone_line(edit, gone)
    ));
    Ok(None)
}

/// A policy goes back only if it is as we left it.
fn policy_back(
    socket: &mut Socket,
    edits: &Edits,
    number: usize,
    undone: &mut Undone,
    steps: &mut Vec<(usize, Back)>,
) -> Result<(), ApplyError> {
    let edit = &edits.edits[number];
    let at = at(edit);
    let is_made = edits.made.iter().any(|made| {
        made.family == at.family && made.table == at.table && made.chain.as_deref() == Some(at.chain)
    });
    let was = edit.gone.as_ref().map_or("ACCEPT", |gone| gone.text.as_str());
    let was = if was == "DROP" { Policy::Drop } else { Policy::Accept };
    let now = kernel::chain_by_name(socket, at.family, at.table, at.chain)?.and_then(|chain| chain.policy);
    let wanted = prepare::policy_of(&edit.change)?;
    match now {
        None if is_made => {}
        None => undone.failed.push(format!("{}: the chain is gone", line(edit))),
        Some(now) if now == was => {}
        Some(now) if now == wanted => steps.push((number, Back::Policy(was))),
        Some(_) => undone.failed.push(format!("{}: the policy is not ours any more", line(edit))),
    }
    Ok(())
}

/// Chains and tables that we made go again if nobody uses them.
fn unmake(socket: &mut Socket, edits: &Edits, undone: &mut Undone) -> Result<(), ApplyError> {
    for made in edits.made.iter().rev() {
        for _ in 0..ATTEMPTS {
            let generation = kernel::generation(socket)?;
            let is_unused = match &made.chain {
                Some(chain) => {
                    kernel::rules(socket, made.family, &made.table, chain)?
                        .is_some_and(|rules| rules.is_empty())
                        && kernel::chain_by_name(socket, made.family, &made.table, chain)?
                            .is_some_and(|chain| chain.policy != Some(Policy::Drop))
                }
                None => kernel::chain_names(socket, made.family, &made.table)?
                    .is_some_and(|names| names.is_empty()),
            };
            if !is_unused {
                break;
            }
            let mut batch = Batch::begin(socket, Some(generation));
            match &made.chain {
                Some(chain) => batch.delete_chain(At { family: made.family, table: &made.table, chain }),
                None => batch.delete_table(made.family, &made.table),
            }
            match batch.commit() {
                Ok(_) => {
                    let name = made.chain.as_deref().unwrap_or("the table itself");
                    undone.done.push(format!("removed {} {} {name}", made.family.as_str(), made.table));
                    break;
                }
                Err(Refused::Stale) => {}
                // In use (a set, a jump): it does no harm, so it stays.
                Err(_) => break,
            }
        }
    }
    Ok(())
}

fn line(edit: &Edit) -> String {
    let change = &edit.change;
    match change.op {
        Operation::Policy => {
            format!("`-P {} {}` ({} {})", change.chain, change.rule, change.family.as_str(), change.table)
        }
        _ => format!("`-A {} {}` ({} {})", change.chain, change.rule, change.family.as_str(), change.table),
    }
}

fn gone_line(edit: &Edit, gone: &Gone) -> String {
    let change = &edit.change;
    format!("`-A {} {}` ({} {})", change.chain, gone.text, change.family.as_str(), change.table)
}

fn told(edit: &Edit, step: &Back) -> String {
    match (step, &edit.gone) {
        (Back::Return(_), Some(gone)) => format!("put back {}", gone_line(edit, gone)),
        (Back::Policy(policy), _) => {
            format!(
                "policy of {} {} {} is {} again",
                edit.change.family.as_str(),
                edit.change.table,
                edit.change.chain,
                policy.as_str()
            )
        }
        _ => format!("removed {}", line(edit)),
    }
}
