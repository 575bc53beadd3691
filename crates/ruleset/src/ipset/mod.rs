//! Sets of the kernel's ipset module: the text of `ipset save`, and which packets are in them.

mod element;
mod member;

use std::collections::BTreeMap;

use crate::{IpSet, Note};

pub use member::{Asked, Seen, has, parts};

/// Reads what `ipset save` prints. It never fails: a line that isn't understood is noted by number.
pub fn parse(text: &str) -> (Vec<IpSet>, Vec<Note>) {
    let mut sets: Vec<IpSet> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut notes = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line == "COMMIT" {
            continue;
        }
        let mut note = |text: String| notes.push(Note { place: format!("line {}", number + 1), text });
        let (verb, rest) = cut(line);
        let (name, rest) = if verb == "create" { created(rest) } else { known(rest, &sets) };
        match verb {
            "create" | "-N" | "n" if !name.is_empty() && !places.contains_key(name) => {
                let (kind, options) = cut(rest);
                places.insert(name.to_owned(), sets.len());
                sets.push(IpSet {
                    name: name.to_owned(),
                    kind: kind.to_owned(),
                    options: options.to_owned(),
                    elements: Vec::new(),
                });
            }
            "add" | "-A" | "a" => match places.get(name) {
                Some(place) => sets[*place].elements.push(rest.to_owned()),
                None => note(format!("there is no set {name} that this could be added to: {line}")),
            },
            _ => note(format!("not understood, and left out: {line}")),
        }
    }
    (sets, notes)
}

/// The name of a new set, and its type. `ipset save` prints blanks in a name as they are.
fn created(text: &str) -> (&str, &str) {
    let kind = [" hash:", " bitmap:", " list:"].iter().filter_map(|kind| text.find(kind)).min();
    kind.map_or_else(|| cut(text), |end| (&text[..end], &text[end + 1..]))
}

/// The name of a set that was created before, and the rest.
fn known<'a>(text: &'a str, sets: &[IpSet]) -> (&'a str, &'a str) {
    let blank = sets.iter().filter(|set| set.name.contains(' ')).find_map(|set| {
        let rest = text.strip_prefix(set.name.as_str())?.strip_prefix(' ')?;
        Some((&text[..set.name.len()], rest))
    });
    blank.unwrap_or_else(|| cut(text))
}

/// The first word, and what comes after it.
fn cut(text: &str) -> (&str, &str) {
    match text.split_once(' ') {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (text, ""),
    }
}
