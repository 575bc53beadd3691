//! The members of an nft set or map, ready to be asked.

use crate::{Field, Ruleset, Values};

/// What is in a set.
#[derive(Debug, PartialEq)]
pub(super) enum Members {
    /// It is not given, or not all of it is understood.
    Unknown,
    /// A key of one part: any of these values, of this field.
    One(Field, Values),
    /// Elements in order; the first that matches counts.
    Elements(Vec<Member>),
}

/// An element.
#[derive(Debug, PartialEq)]
pub(super) struct Member {
    /// Which values each part of the key has.
    pub parts: Vec<(Field, Values)>,
    /// What a map gives for it, as nft writes it.
    pub value: Option<String>,
}

/// The members of a set of this table that is looked up by these fields.
pub(super) fn of(ruleset: &Ruleset, table: usize, name: &str, keys: &[Field]) -> Members {
    let Some(set) = ruleset.tables[table].sets.iter().find(|set| set.name == name) else {
        return Members::Unknown;
    };
    if !set.is_complete {
        return Members::Unknown;
    }
    if let ([key], None) = (keys, &set.value)
        && let Some(values) = union(set.elements.iter().filter_map(|(parts, _)| parts.first()))
    {
        return Members::One(*key, values);
    }
    let mut elements = Vec::with_capacity(set.elements.len());
    for (parts, value) in &set.elements {
        if parts.len() != keys.len() {
            return Members::Unknown;
        }
        elements.push(Member {
            parts: keys.iter().copied().zip(parts.iter().cloned()).collect(),
            value: value.clone(),
        });
    }
    Members::Elements(elements)
}

/// All values in one, where they are of one kind.
fn union<'a>(parts: impl Iterator<Item = &'a Values>) -> Option<Values> {
    let (mut ranges, mut names) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Values::Ranges(more) => ranges.extend_from_slice(more),
            Values::Names(more) => names.extend_from_slice(more),
            Values::Masked(_) | Values::AnyBit(_) => return None,
        }
    }
    match (ranges.is_empty(), names.is_empty()) {
        (_, true) => Some(Values::ranges(ranges)),
        (true, false) => Some(Values::Names(names)),
        (false, false) => None,
    }
}
