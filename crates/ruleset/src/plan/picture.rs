//! What changes in each chain, drawn with its neighbours and numbers.

use super::Change;
use crate::{Backend, Chain, Family, Ruleset};

/// Rules shown before and after what changes.
const AROUND: usize = 2;
/// Lines of one chain that are drawn at most.
const MOST: usize = 24;

/// The lines: a chain's name, then its rules with `+` for new ones and `-` for those that go.
pub(super) fn picture(before: &Ruleset, after: &Ruleset, changes: &[Change]) -> Vec<String> {
    let mut places: Vec<(Backend, Family, &str, &str)> = Vec::new();
    for change in changes {
        let place = (change.backend, change.family, change.table.as_str(), change.chain.as_str());
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let mut lines = Vec::new();
    for (backend, family, table, name) in places {
        let version = if family == Family::Ip6 { "IPv6" } else { "IPv4" };
        lines.push(format!("{name} ({version} {table}, {})", backend.as_str()));
        let old = before.table(backend, family, table).and_then(|table| table.chain(name));
        let new = after.table(backend, family, table).and_then(|table| table.chain(name));
        difference(old, new, &mut lines);
    }
    lines
}

fn difference(old: Option<&Chain>, new: Option<&Chain>, lines: &mut Vec<String>) {
    fn texts(chain: Option<&Chain>) -> Vec<&str> {
        chain.map_or_else(Vec::new, |chain| chain.rules.iter().map(|rule| rule.text.as_str()).collect())
    }
    let (before, after) = (texts(old), texts(new));
    let shorter = before.len().min(after.len());
    let start = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let alike = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    let end = alike.min(shorter - start);
    let gone = &before[start..before.len() - end];
    let come = &after[start..after.len() - end];
    let first = lines.len();
    let mut draw =
        |sign: char, index: usize, text: &str| lines.push(format!("{sign} {:>4}  {text}", index + 1));
    for (index, text) in after.iter().enumerate().take(start).skip(start.saturating_sub(AROUND)) {
        draw(' ', index, text);
    }
    for (offset, text) in gone.iter().enumerate().filter(|(_, text)| !come.contains(text)) {
        draw('-', start + offset, text);
    }
    for (offset, text) in come.iter().enumerate() {
        draw(if gone.contains(text) { ' ' } else { '+' }, start + offset, text);
    }
    for (index, text) in after.iter().enumerate().skip(after.len() - end).take(AROUND) {
        draw(' ', index, text);
    }
    if lines.len() - first > MOST {
        let more = lines.len() - first - MOST;
        lines.truncate(first + MOST);
        lines.push(format!("        ... {more} lines more"));
    }
    policy(old, new, end, lines);
}

fn policy(old: Option<&Chain>, new: Option<&Chain>, end: usize, lines: &mut Vec<String>) {
    let word = |chain: Option<&Chain>| Some(chain?.base.as_ref()?.policy.as_str());
    match (word(old), word(new)) {
        (Some(before), Some(after)) if before != after => {
            lines.push(format!("+       policy {after} (before: {before})"));
        }
        (_, Some(after)) if end < AROUND => lines.push(format!("        policy {after}")),
        _ => {}
    }
}
