//! Takes our own edits of the legacy tables back: by number, with the text verified under the lock.

use ruleset::Family;
use ruleset::plan::Operation;

use super::lock::Lock;
use super::table::{self, Line, Tables};
use super::{Lines, place};
use crate::apply::edit::{Edit, Edits, Gone, Undone};
use crate::apply::error::ApplyError;

/// Takes back the edits with these numbers, family by family.
pub(in crate::apply) fn undo(edits: &Edits, numbers: &[usize]) -> Result<Undone, ApplyError> {
    let _lock = Lock::take()?;
    let mut undone = Undone::default();
    for family in [Family::Ip, Family::Ip6] {
        let mine: Vec<usize> =
            numbers.iter().copied().filter(|number| edits.edits[*number].change.family == family).collect();
        if mine.is_empty() {
            continue;
        }
        let mut tables = table::read(family)?;
        let mut lines = Lines::new();
        let mut part = Undone::default();
        for number in mine.iter().rev() {
            one(&edits.edits[*number], &mut tables, &mut lines, &mut part);
        }
        if !lines.is_empty() {
            table::write(family, &lines)?;
            let found = table::read(family)?;
            let is_so = lines.keys().all(|table| texts(&found, table) == texts(&tables, table));
            if !is_so {
                part.failed.push(format!("the {} tables are not as they should be", family.as_str()));
            }
        }
        undone.extend(part);
    }
    Ok(undone)
}

fn texts<'a>(tables: &'a Tables, table: &str) -> Vec<(&'a str, Option<&'a str>, Vec<&'a str>)> {
    let chains = tables.0.iter().filter(|((name, _), _)| name == table);
    chains.map(|((_, chain), content)| (chain.as_str(), content.policy.as_deref(), content.texts())).collect()
}

/// Notes how one edit is taken back on the chain as it is now.
fn one(edit: &Edit, tables: &mut Tables, lines: &mut Lines, undone: &mut Undone) {
    let change = &edit.change;
    let name = &change.chain;
    let place_name = format!("legacy {} {}", change.family.as_str(), change.table);
    let Some(chain) = tables.0.get_mut(&(change.table.clone(), name.clone())) else {
        let is_harmless = change.op == Operation::Insert;
        let line = format!("`-A {name} {}` ({place_name}): the chain is gone", change.rule);
        if is_harmless { &mut undone.notes } else { &mut undone.failed }.push(line);
        return;
    };
    let out = lines.entry(change.table.clone()).or_default();
    if change.op == Operation::Policy {
        let was = edit.gone.as_ref().map_or("ACCEPT", |gone| gone.text.as_str());
        let is_ours = chain.policy.as_deref() == Some(change.rule.as_str());
        if is_ours && was != change.rule {
            out.push(format!("-P {name} {was}"));
            chain.policy = Some(was.to_owned());
            undone.done.push(format!("policy of {place_name} {name} is {was} again"));
        }
    } else {
        let texts = chain.texts();
        let there = match change.op {
            Operation::Delete => None,
            _ => place::ours(&texts, &change.rule, &edit.above, &edit.below),
        };
        let is_gone = |gone: &&Gone| texts.iter().filter(|text| **text == gone.text).count() <= gone.twins;
        let back = edit
            .gone
            .as_ref()
            .filter(is_gone)
            .map(|gone| (gone, there.or_else(|| place::back(&texts, &edit.above, &edit.below))));
        let has_twin = texts.contains(&change.rule.as_str());
        if let Some(at) = there {
            out.push(format!("-D {name} {}", at + 1));
            chain.lines.remove(at);
            undone.done.push(format!("removed `-A {name} {}` ({place_name})", change.rule));
        } else if change.op != Operation::Delete && has_twin {
            undone.failed.push(format!(
                "`-A {name} {}` ({place_name}): it stands elsewhere than ours did, so it may be somebody else's",
                change.rule
            ));
        } else if change.op != Operation::Delete {
            undone.notes.push(format!("`-A {name} {}` ({place_name}) is not there any more", change.rule));
        }
        match back {
            Some((gone, Some(at))) => {
                let counters = gone.counters.unwrap_or_default();
                let (packets, bytes) = (counters.packets, counters.bytes);
                out.push(format!("[{packets}:{bytes}] -I {name} {} {}", at + 1, gone.text));
                chain.lines.insert(at, Line { text: gone.text.clone(), counters: gone.counters });
                undone.done.push(format!("put back `-A {name} {}` ({place_name})", gone.text));
            }
            Some((gone, None)) => undone.failed.push(format!(
                "`-A {name} {}` ({place_name}): none of the rules beside it is there any more, so its place is unknown",
                gone.text
            )),
            None => {}
        }
    }
    if out.is_empty() {
        lines.remove(&change.table);
    }
}
