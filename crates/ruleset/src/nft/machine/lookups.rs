//! Sets and maps that are asked.

use super::{Held, Machine, slot, values_text};
use crate::nft::kind::Kind;
use crate::nft::selector::Selector;
use crate::nft::statement::{Comparison, Item, Statement};
use crate::{NftSet, Values};

impl Machine<'_> {
    pub(super) fn lookup(&mut self, set: &str, source: u32, destination: Option<u32>, negated: bool) {
        let found = self.around.sets.iter().find(|one| one.name == set);
        let keys = found.and_then(|found| self.keys(source, found.key.len()));
        let not = if negated { "!= " } else { "" };
        match (keys, destination) {
            (Some(keys), Some(0)) => {
                let elements = found.filter(|_| set.starts_with("__")).map(|set| elements(set, &keys));
                self.add(Statement::VerdictMap { keys, map: set.to_owned(), elements });
            }
            (keys, Some(destination)) => {
                let looked_up =
                    keys.map_or_else(|| self.held_text(source), |keys| crate::nft::statement::joined(&keys));
                let anonymous = found.filter(|_| set.starts_with("__")).map(|set| elements(set, &[]));
                let text = match anonymous {
                    Some(elements) => format!("{looked_up} map {{ {elements} }}"),
                    None => format!("{looked_up} map @{set}"),
                };
                // Without an element of that key the rule ends.
                self.opaque(format!("{looked_up} @{set}"));
                self.words.pop();
                self.hold(destination, Held::Mapped(text));
            }
            (Some(keys), None) => {
                let anonymous = found.filter(|found| set.starts_with("__") && found.is_complete);
                if let (Some(found), [key]) = (anonymous, &keys[..])
                    && let Some(right) = single(found)
                {
                    return self.add(Statement::Compare(Comparison::is(key.clone(), right, negated)));
                }
                let elements = anonymous.map(|set| elements(set, &keys));
                self.add(Statement::Member { keys, set: set.to_owned(), elements, negated });
            }
            (None, None) => {
                let text = format!("{} {not}@{set}", self.held_text(source));
                self.opaque(text);
            }
        }
    }

    /// What is looked up: as many values as the key of the set has parts, one behind the other.
    fn keys(&self, source: u32, parts: usize) -> Option<Vec<Selector>> {
        let mut at = slot(source)?;
        let mut keys = Vec::with_capacity(parts);
        for _ in 0..parts {
            let Some(Held::Loaded { what, mask: None, xor: 0, .. }) = self.registers.get(at)?.as_ref() else {
                return None;
            };
            at += usize::try_from(what.bits().div_ceil(32)).ok()?;
            keys.push(what.clone());
        }
        (!keys.is_empty()).then_some(keys)
    }
}

/// The elements of a set with a key of one part.
fn single(set: &NftSet) -> Option<Vec<Item>> {
    let mut list = Vec::with_capacity(set.elements.len());
    for (parts, _) in &set.elements {
        match parts.first()? {
            Values::Ranges(ranges) => list.extend(ranges.iter().copied().map(Item::Numbers)),
            Values::Names(names) => list.extend(names.iter().cloned().map(Item::Name)),
            Values::Masked(_) | Values::AnyBit(_) => return None,
        }
    }
    Some(list)
}

/// Elements as nft writes them.
pub(super) fn elements(set: &NftSet, keys: &[Selector]) -> String {
    let written: Vec<String> = set
        .elements
        .iter()
        .map(|(parts, value)| {
            let parts: Vec<String> = parts
                .iter()
                .enumerate()
                .map(|(at, part)| {
                    let key = keys.get(at);
                    values_text(
                        part,
                        key.map_or(Kind::Integer, Selector::kind),
                        key.map_or(32, Selector::bits),
                    )
                })
                .collect();
            match value {
                Some(value) => format!("{} : {value}", parts.join(" . ")),
                None => parts.join(" . "),
            }
        })
        .collect();
    written.join(", ")
}
