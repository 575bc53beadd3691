//! Plans a rule that goes: only one that says exactly the same, or the one with that number.

use super::planner::{Place, Planner, is_same};
use super::{Refusal, after, number, texts};
use crate::ufw::Wanted;
use crate::{Backend, Family, Rule, Test};

/// How many near ones are shown.
const SHOWN: usize = 8;

/// What was found.
struct Found {
    number: usize,
    place: Place,
    index: usize,
    line: String,
}

/// `delete N`
pub(super) fn by_number(planner: &mut Planner<'_>, wanted: usize) -> Result<(), Refusal> {
    let found = number::numbered(planner.state.ruleset).find(|one| one.number == wanted);
    let one = found.ok_or(Refusal::NoSuchNumber(wanted))?;
    let place = place(&one);
    if one.backend == Backend::Nft {
        let handle = one.rule.handle.map_or_else(|| "HANDLE".to_owned(), |handle| handle.to_string());
        let command =
            format!("nft delete rule {} {} {} handle {handle}", one.family.as_str(), one.table, one.chain);
        let place = format!("{} {} {}", one.family.as_str(), one.table, one.chain);
        return Err(Refusal::Native { place, command });
    }
    planner.delete(&place, one.position - 1);
    Ok(())
}

/// `delete allow 22/tcp`
pub(super) fn by_text(planner: &mut Planner<'_>, wanted: &Wanted) -> Result<(), Refusal> {
    let mut missing: Vec<(Family, String)> = Vec::new();
    let mut doomed: Vec<Found> = Vec::new();
    for family in planner.families(&wanted.families)? {
        for lane in &wanted.lanes {
            let plain = texts::texts(wanted, lane, family);
            let translated = texts::translated_texts(wanted, lane, family);
            // A published port was closed at two places: where it is rewritten, and where a proxy listens.
            let mut found = all(planner, &plain, family)?;
            if lane.protocol.is_some() {
                found.extend(all(planner, &translated, family)?);
            }
            if found.is_empty() {
                missing.extend(plain.into_iter().map(|text| (family, text)));
            }
            doomed.extend(found);
        }
    }
    if doomed.is_empty() {
        return Err(Refusal::NoSuchRule { near: near(planner, &missing), wanted: texts_of(&missing) });
    }
    for (family, text) in &missing {
        let version = if *family == Family::Ip6 { "IPv6" } else { "IPv4" };
        planner.note(format!("{version} has no rule `{text}`"));
    }
    // From the end of each chain, so that the positions of the others stay.
    doomed.sort_by_key(|found| std::cmp::Reverse(found.index));
    for found in &doomed {
        planner.delete(&found.place, found.index);
    }
    Ok(())
}

fn texts_of(missing: &[(Family, String)]) -> Vec<String> {
    missing.iter().map(|(_, text)| text.clone()).collect()
}

/// The rules that say exactly this, each once.
fn all(planner: &Planner<'_>, texts: &[String], family: Family) -> Result<Vec<Found>, Refusal> {
    let mut doomed = Vec::new();
    for text in texts {
        let rule = after::parsed(text, family, &[]);
        let mut found: Vec<Found> = number::numbered(planner.state.ruleset)
            .filter(|one| one.family == family && one.backend != Backend::Nft && is_same(one.rule, &rule))
            .map(|one| Found {
                number: one.number,
                place: place(&one),
                index: one.position - 1,
                line: line(&one),
            })
            .collect();
        match found.len() {
            0 => return Ok(Vec::new()),
            1 => doomed.append(&mut found),
            _ => return Err(Refusal::Several { found: found.into_iter().map(|one| one.line).collect() }),
        }
    }
    doomed.dedup_by_key(|found| found.number);
    Ok(doomed)
}

/// The rules that have most in common with what was looked for.
fn near(planner: &Planner<'_>, missing: &[(Family, String)]) -> Vec<String> {
    let mut scored: Vec<(usize, usize, String)> = Vec::new();
    for (family, text) in missing {
        let wanted = after::parsed(text, *family, &[]);
        let of_family = number::numbered(planner.state.ruleset).filter(|one| one.family == *family);
        for one in of_family {
            let score = likeness(one.rule, &wanted);
            if score > 0 {
                scored.push((score, one.number, line(&one)));
            }
        }
    }
    scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut lines: Vec<String> = Vec::new();
    for (_, _, line) in scored {
        if lines.len() < SHOWN && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

fn likeness(rule: &Rule, wanted: &Rule) -> usize {
    let is_telling = |test: &&Test| !matches!(test, Test::Field { field: crate::Field::Protocol, .. });
    let shared =
        wanted.tests().filter(is_telling).filter(|test| rule.tests().any(|own| own == *test)).count();
    if shared == 0 { 0 } else { 2 * shared + usize::from(rule.action() == wanted.action()) }
}

fn place(one: &number::Numbered<'_>) -> Place {
    Place {
        backend: one.backend,
        family: one.family,
        table: one.table.to_owned(),
        chain: one.chain.to_owned(),
    }
}

fn line(one: &number::Numbered<'_>) -> String {
    let version = if one.family == Family::Ip6 { " (v6)" } else { "" };
    format!("[{}] {}{version} {}: {}", one.number, one.chain, one.position, one.rule.text)
}
