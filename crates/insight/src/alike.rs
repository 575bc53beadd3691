//! Handles and people that may be one person: proposed with the reason, joined by people only.

use std::collections::{BTreeMap, BTreeSet};

use fact::{PersonId, SourceId};
use incident::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Proposals beyond these are left for later.
const MOST: usize = 100;

/// An actor that a source told of, as often as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenActor {
    /// The source.
    pub source: SourceId,
    /// The handle, as the source writes it.
    pub handle: String,
}

/// Two that may be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "alike", rename_all = "kebab-case")]
pub enum Alike {
    /// A handle may be a person's.
    Handle {
        /// The person.
        person: PersonId,
        /// The source that told of the handle.
        source: SourceId,
        /// The handle.
        handle: String,
        /// Why, in a few words.
        reason: String,
    },
    /// Two people may be one.
    People {
        /// Who was added first.
        into: PersonId,
        /// Who may be the same.
        other: PersonId,
        /// Why, in a few words.
        reason: String,
    },
}

/// Handles that look like a person's name or another of their handles, and people who look alike.
///
/// What somebody's handle is already is not proposed. Names of one or two letters tell nothing.
pub fn alike(state: &State, seen: &[SeenActor]) -> Vec<Alike> {
    let people: Vec<_> = state.people.values().filter(|it| it.joined_into.is_none() && it.active).collect();
    let mut by_key: BTreeMap<String, Vec<(PersonId, &'static str)>> = BTreeMap::new();
    for person in &people {
        for (key, why) in keys(&person.name) {
            by_key.entry(key).or_default().push((person.id, why));
        }
    }
    for person in state.people.values() {
        let Some(survivor) = state.person(person.id) else { continue };
        for handle in &person.handles {
            for (key, _) in keys(&handle.text).into_iter().filter(|(_, why)| !is_loose(why)) {
                by_key.entry(key).or_default().push((survivor.id, "like another of their handles"));
            }
        }
    }
    let mut found = people_alike(&people);
    let mut asked = BTreeSet::new();
    for actor in seen {
        let known = state.person_behind(actor.source, &actor.handle).is_some()
            || state.person_named(&actor.handle).is_some_and(|person| person.name == actor.handle);
        if known || !asked.insert((actor.source, actor.handle.as_str())) {
            continue;
        }
        found.extend(handle_alike(actor, &by_key));
        if found.len() >= MOST {
            break;
        }
    }
    found.truncate(MOST);
    found
}

const INITIALS: &str = "made of the name's initials";
const FIRST: &str = "their first name";

/// Likenesses that only a name has, and that a handle must match as it is written.
fn is_loose(why: &str) -> bool {
    why == INITIALS || why == FIRST
}

/// The person that a handle looks like, if it looks like one only.
fn handle_alike(
    actor: &SeenActor,
    by_key: &BTreeMap<String, Vec<(PersonId, &'static str)>>,
) -> Option<Alike> {
    let mut candidates: BTreeMap<PersonId, String> = BTreeMap::new();
    for (key, as_written) in keys(&actor.handle) {
        for (person, why) in by_key.get(&key).into_iter().flatten() {
            // Initials against initials, or against words in another order, is no likeness.
            if is_loose(why) && as_written != WRITTEN || is_loose(as_written) {
                continue;
            }
            candidates.entry(*person).or_insert_with(|| reason(as_written, why));
        }
    }
    let mut candidates = candidates.into_iter();
    match (candidates.next(), candidates.next()) {
        (Some((person, reason)), None) => {
            Some(Alike::Handle { person, source: actor.source, handle: actor.handle.clone(), reason })
        }
        _ => None,
    }
}

fn people_alike(people: &[&incident::Person]) -> Vec<Alike> {
    let mut first: BTreeMap<String, PersonId> = BTreeMap::new();
    let mut found = Vec::new();
    for person in people {
        let written = keys(&person.name).into_iter().filter(|(_, why)| !is_loose(why));
        for (key, why) in written {
            match first.get(&key) {
                Some(into) if *into != person.id => {
                    let (into, other) = (*into, person.id);
                    let reason = match why {
                        MAIL => "one is named like the other's mail address".to_owned(),
                        _ => format!("their names are {why}"),
                    };
                    let again = |it: &Alike| matches!(it, Alike::People { other: o, .. } if *o == other);
                    if !found.iter().any(again) {
                        found.push(Alike::People { into, other, reason });
                    }
                }
                _ => drop(first.insert(key, person.id)),
            }
        }
    }
    found
}

const WRITTEN: &str = "the same but for case and punctuation";
const SORTED: &str = "the same words in another order";
const MAIL: &str = "the first part of the mail address";

fn reason(as_written: &str, why: &str) -> String {
    match (as_written, why) {
        (MAIL, _) => "the mail address begins like the name".to_owned(),
        (_, MAIL) => "it is the first part of their mail address".to_owned(),
        (SORTED, _) | (_, SORTED) => format!("it is {SORTED} as the name"),
        (_, INITIALS) => format!("it is {INITIALS}"),
        (_, WRITTEN) => format!("it is {WRITTEN}"),
        (_, other) => format!("it is {other}"),
    }
}

/// What a name or handle is compared by, and which likeness that is.
fn keys(text: &str) -> Vec<(String, &'static str)> {
    let text = text.trim().trim_start_matches('@').to_lowercase();
    let (local, is_mail) = match text.split_once('@') {
        // `ada+alerts@example.org` is Ada.
        Some((local, _)) => (local.split('+').next().unwrap_or(local).to_owned(), true),
        None => (text, false),
    };
    let mut words: Vec<&str> =
        local.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    // `ada[away]`, `ada_`, `ada|lunch`: what chat adds to a name.
    while words.len() > 1
        && matches!(words.last(), Some(&"away" | &"afk" | &"lunch" | &"home" | &"work" | &"laptop"))
    {
        words.pop();
    }
    let written = words.concat();
    let mut keys = Vec::new();
    if written.chars().count() > 2 {
        keys.push((written.clone(), if is_mail { MAIL } else { WRITTEN }));
    }
    if words.len() > 1 {
        let initial = words[0].chars().next().map(String::from).unwrap_or_default();
        let last = words[words.len() - 1];
        // `Ada Lovelace` is often `alovelace` or `adal`; initials alone are told apart by their length.
        if words[0].chars().count() > 2 {
            keys.push((words[0].to_owned(), FIRST));
        }
        if last.chars().count() > 2 && words[0].chars().count() > 1 {
            keys.push((format!("{initial}{last}"), INITIALS));
            let last_initial = last.chars().next().map(String::from).unwrap_or_default();
            keys.push((format!("{}{last_initial}", words[0]), INITIALS));
        }
        let initials: String = words.iter().filter_map(|word| word.chars().next()).collect();
        if initials.chars().count() > 2 {
            keys.push((initials, INITIALS));
        }
        let mut sorted = words.clone();
        sorted.sort_unstable();
        let sorted = sorted.concat();
        if sorted != written && sorted.chars().count() > 2 {
            keys.push((format!("sorted {sorted}"), SORTED));
        } else {
            keys.push((format!("sorted {written}"), SORTED));
        }
    }
    keys
}
