//! Rules of iptables-nft with an extension whose text we can't write.

use std::collections::BTreeSet;

use ruleset::iptables::{from_bytes, parse_rule};
use ruleset::nft::expression::Expression;
use ruleset::nft::iptables::Reader;
use ruleset::{Family, Note, Syntax, Table};

use super::decode::expressions;
use super::elsewhere::{self, Wanted};
use super::rules::{self, At, Place};
use super::told::{Key, Told};
use crate::live::program;

/// Has their texts told, and reads them again.
pub(super) fn tell(tables: &mut [Table], untold: &[(usize, Vec<Place>)], told: &mut Told) -> Vec<Note> {
    let missing = std::mem::take(told.missing.get_mut());
    if missing.is_empty() {
        return Vec::new();
    }
    let mut wanted = BTreeSet::new();
    for (at, places) in untold {
        let table = &tables[*at];
        for (chain, rule) in places {
            let rule = &table.chains[*chain].rules[*rule];
            let list = expressions(rule.raw.as_ref().map_or(&[], |raw| &raw.expressions));
            collect(&list, table, &missing, &mut wanted);
        }
    }
    let wanted: Vec<Wanted> = wanted.into_iter().collect();
    let mut notes = Vec::new();
    match elsewhere::texts(&wanted) {
        Ok(mut texts) => told.segments.append(&mut texts),
        Err(error) => notes.push(Note {
            place: "iptables-nft".to_owned(),
            text: format!(
                "some rules use extensions whose text could not be asked for: {}",
                chain_of(&error)
            ),
        }),
    }
    let told = &*told;
    let mut reader = Reader::new(told);
    for (at, places) in untold {
        let mut rest = Vec::new();
        let table = &mut tables[*at];
        for place in places {
            let Table { chains, backend, family, sets, .. } = &mut *table;
            let stands = At { backend: *backend, family: *family, sets };
            if !rules::again(&mut chains[place.0].rules[place.1], stands, &mut reader) {
                rest.push(*place);
            }
        }
        if !rest.is_empty() {
            notes.extend(by_saving(table, &rest));
        }
    }
    notes
}

fn collect(list: &[Expression<'_>], table: &Table, missing: &BTreeSet<Key>, wanted: &mut BTreeSet<Wanted>) {
    let protocol = rules::protocol(list);
    for expression in list {
        let key = match expression {
            Expression::Match(extension) => Key::new(extension, table.family, false),
            Expression::Target(extension) => Key::new(extension, table.family, true),
            _ => continue,
        };
        if missing.contains(&key) && !wanted.iter().any(|one| one.key == key) {
            wanted.insert(Wanted { key, table: table.name.clone(), protocol });
        }
    }
}

/// What could not be loaded elsewhere: from the program's text of the live table, if it can be trusted there.
fn by_saving(table: &mut Table, places: &[Place]) -> Option<Note> {
    let place = format!("{} {}", table.family.as_str(), table.name);
    let rest: BTreeSet<Place> = places.iter().copied().collect();
    let is_foreign = table.chains.iter().enumerate().any(|(chain, of)| {
        of.rules
            .iter()
            .enumerate()
            .any(|(rule, one)| one.syntax == Syntax::Nft && !rest.contains(&(chain, rule)))
    });
    let count = places.len();
    if is_foreign {
        let text = format!(
            "{count} rules use extensions whose text is not known, and native rules stand among them: iptables-nft-save would print those wrong"
        );
        return Some(Note { place, text });
    }
    let program = if table.family == Family::Ip6 { "ip6tables-nft-save" } else { "iptables-nft-save" };
    let text = match program::output(program, &["-t", &table.name]) {
        Ok(text) => text,
        Err(error) => {
            let text = format!("{count} rules use extensions whose text is not known: {error}");
            return Some(Note { place, text });
        }
    };
    let text = from_bytes(&text);
    let family = table.family;
    for chain in 0..table.chains.len() {
        let begins = format!("-A {} ", table.chains[chain].name);
        let saved: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(&begins)).collect();
        let rules = &mut table.chains[chain].rules;
        if saved.len() != rules.len() {
            continue;
        }
        for (number, rule) in rules.iter_mut().enumerate().filter(|(rule, _)| rest.contains(&(chain, *rule)))
        {
            let mut new = parse_rule(saved[number], family);
            new.counters = rule.counters;
            new.handle = rule.handle;
            new.raw = rule.raw.take();
            *rule = new;
        }
    }
    None
}

/// An error with its reasons.
fn chain_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(reason) = source {
        text = format!("{text}: {reason}");
        source = reason.source();
    }
    text
}
