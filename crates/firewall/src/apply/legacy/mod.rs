//! iptables-legacy: read, compared, written and read again under the one lock.
//!
//! Each table of each family is a transaction of its own. If a later one fails, the caller takes back the earlier ones.

mod lock;
mod place;
mod table;
mod undo;

use std::collections::BTreeMap;

use ruleset::plan::{Change, Operation};
use ruleset::{Backend, Family, Ruleset};

pub(super) use undo::undo;

use self::lock::Lock;
use self::table::{LegacyChain, Line, Tables};
use super::edit::{Edits, Gone, NEIGHBOURS, Neighbour};
use super::error::{ApplyError, Unverified};
use super::nft::{WriteError, policy_of};

/// The lines for `iptables-legacy-restore`, by table.
type Lines = BTreeMap<String, Vec<String>>;

/// Under the lock, with all that is written.
pub(super) struct Legacy {
    _lock: Lock,
    /// Lines for each family, and the chains as they must be afterwards.
    families: Vec<(Family, Lines, Tables)>,
    numbers: Vec<usize>,
}

/// Takes the lock, checks that everything still is as it was planned for, and notes what an undo needs.
pub(super) fn lock(numbers: &[usize], ruleset: &Ruleset, edits: &mut Edits) -> Result<Legacy, WriteError> {
    let failed = WriteError::Failed;
    let lock = Lock::take().map_err(failed)?;
    let mut families = Vec::new();
    for family in [Family::Ip, Family::Ip6] {
        let mine: Vec<usize> =
            numbers.iter().copied().filter(|number| edits.edits[*number].change.family == family).collect();
        if mine.is_empty() {
            continue;
        }
        let mut now = table::read(family).map_err(|error| failed(error.into()))?;
        let mut lines = Lines::new();
        for number in &mine {
            let change = edits.edits[*number].change.clone();
            if !is_as_planned(&change, ruleset, &now, &lines) {
                return Err(WriteError::Stale);
            }
            one(*number, &change, edits, &mut now, &mut lines).map_err(failed)?;
        }
        families.push((family, lines, now));
    }
    Ok(Legacy { _lock: lock, families, numbers: numbers.to_vec() })
}

/// Is the chain as it was when the plan was made? One that this plan has changed already is.
fn is_as_planned(change: &Change, ruleset: &Ruleset, now: &Tables, lines: &Lines) -> bool {
    if lines.contains_key(&change.table) {
        return true;
    }
    let planned = ruleset
        .table(Backend::IptablesLegacy, change.family, &change.table)
        .map(|table| table.chains.iter())
        .into_iter()
        .flatten();
    planned.filter(|chain| chain.name == change.chain).all(|chain| {
        let now = now.chain(&change.table, &change.chain);
        now.is_some_and(|now| now.texts().into_iter().eq(chain.rules.iter().map(|rule| rule.text.as_str())))
    })
}

/// Notes one change: the line that makes it, the chain afterwards, and what takes it back.
fn one(
    number: usize,
    change: &Change,
    edits: &mut Edits,
    tables: &mut Tables,
    lines: &mut Lines,
) -> Result<(), ApplyError> {
    let mut chain = tables
        .chain(&change.table, &change.chain)
        .ok_or_else(|| ApplyError::NoChain(Box::new(change.clone())))?;
    let out = lines.entry(change.table.clone()).or_default();
    let edit = &mut edits.edits[number];
    let (name, position) = (&change.chain, change.position);
    let at = position.wrapping_sub(1);
    let beside = |chain: &LegacyChain, below: usize| {
        let neighbour = |line: &Line| Neighbour { handle: None, text: line.text.clone(), edit: None };
        let above: Vec<_> = chain.lines[..at].iter().rev().take(NEIGHBOURS).map(neighbour).collect();
        let below: Vec<_> = chain.lines[below..].iter().take(NEIGHBOURS).map(neighbour).collect();
        (above, below)
    };
    let is_single_line = |text: &str| !text.contains(['\n', '\0']);
    if !is_single_line(&change.rule) {
        return Err(super::nft::EncodeError::NotOneRule(change.rule.clone()).into());
    }
    match change.op {
        Operation::Insert => {
            if at > chain.lines.len() {
                return Err(ApplyError::NotThere(Box::new(change.clone())));
            }
            if chain.lines.iter().any(|line| line.text == change.rule) {
                return Err(ApplyError::Twin(Box::new(change.clone())));
            }
            (edit.above, edit.below) = beside(&chain, at);
            out.push(format!("-I {name} {position} {}", change.rule));
            chain.lines.insert(at, Line { text: change.rule.clone(), counters: None });
        }
        Operation::Delete | Operation::Replace => {
            let wanted = match (&change.op, &change.removed) {
                (Operation::Replace, Some(removed)) => Some(&removed.rule),
                (Operation::Replace, None) => None,
                _ => Some(&change.rule),
            };
            let there = chain.lines.get(at).filter(|line| wanted.is_none_or(|text| *text == line.text));
            let there = there.ok_or_else(|| ApplyError::NotThere(Box::new(change.clone())))?.clone();
            (edit.above, edit.below) = beside(&chain, position);
            let twins = chain.lines.iter().filter(|line| line.text == there.text).count() - 1;
            edit.gone =
                Some(Gone { text: there.text, handle: None, counters: there.counters, twins, raw: None });
            if change.op == Operation::Replace {
                out.push(format!("-R {name} {position} {}", change.rule));
                chain.lines[at] = Line { text: change.rule.clone(), counters: None };
            } else {
                out.push(format!("-D {name} {position}"));
                chain.lines.remove(at);
            }
        }
        Operation::Policy => {
            let policy = policy_of(change)?.as_str().to_owned();
            let text = chain.policy.clone().ok_or_else(|| ApplyError::NoChain(Box::new(change.clone())))?;
            edit.gone = Some(Gone { text, handle: None, counters: None, twins: 0, raw: None });
            out.push(format!("-P {name} {policy}"));
            chain.policy = Some(policy);
        }
    }
    tables.0.insert((change.table.clone(), change.chain.clone()), chain);
    Ok(())
}

impl Legacy {
    /// Writes one family after the other, and reads each back.
    pub fn write(&mut self, edits: &mut Edits) -> Result<(), ApplyError> {
        for (family, lines, wanted) in &self.families {
            table::write(*family, lines)?;
            let found = table::read(*family)?;
            for number in &self.numbers {
                let change = &edits.edits[*number].change;
                if change.family == *family && !is_same(&found, wanted, change) {
                    return Err(ApplyError::Unverified(Unverified::State(Box::new(change.clone()))));
                }
            }
        }
        Ok(())
    }
}

fn is_same(found: &Tables, wanted: &Tables, change: &Change) -> bool {
    let (found, wanted) =
        (found.chain(&change.table, &change.chain), wanted.chain(&change.table, &change.chain));
    match (found, wanted) {
        (Some(found), Some(wanted)) => found.policy == wanted.policy && found.texts() == wanted.texts(),
        _ => false,
    }
}
