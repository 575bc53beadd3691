//! Lookups in sets and maps.

use super::ask::{Branch, Reply, Then};
use super::case::Case;
use super::index::Judge;
use super::members::{Member, Members};
use crate::{Field, SetRef};

/// What a map gives.
#[derive(Debug)]
pub(super) enum Found {
    /// This value.
    Value(String),
    /// No element matches.
    Nothing,
    /// It is not known what is in the map.
    Unknown,
    /// That hangs on something; each side has to be asked again.
    Unsure(Box<[Branch; 2]>),
}

/// How an element fits.
enum Fit<'a> {
    Sure(&'a Member),
    Maybe(Box<[Branch; 2]>),
    None,
}

impl Judge<'_> {
    pub(super) fn ask_set(&self, case: &mut Case, table: usize, set: &SetRef, keys: &[Field]) -> Reply {
        let name = match set {
            SetRef::Ipset(name) => return case.ask_ipset(&self.ruleset.ipsets, name, keys),
            SetRef::Nft(name) => name,
        };
        let members = self.members(table, name, keys);
        match &*members {
            Members::Unknown => case
                .ask_as_atom(&format!("{} is in set {name}, whose members are not known", looked_up(keys))),
            Members::One(field, values) => self.ask_field(case, *field, values, false),
            Members::Elements(elements) => match self.fit(case, elements) {
                Fit::Sure(_) => Reply::Yes,
                Fit::None => Reply::No,
                Fit::Maybe(branches) => {
                    Reply::Unsure(branches).again_where(Then::Holds).again_where(Then::Fails)
                }
            },
        }
    }

    pub(super) fn find_in_map(&self, case: &mut Case, table: usize, map: &SetRef, keys: &[Field]) -> Found {
        let (SetRef::Nft(name) | SetRef::Ipset(name)) = map;
        let members = self.members(table, name, keys);
        let Members::Elements(elements) = &*members else { return Found::Unknown };
        match self.fit(case, elements) {
            Fit::Sure(Member { value: Some(value), .. }) => Found::Value(value.clone()),
            Fit::Sure(_) => Found::Unknown,
            Fit::None => Found::Nothing,
            Fit::Maybe(mut branches) => {
                for branch in branches.iter_mut() {
                    branch.then = Then::Again;
                }
                Found::Unsure(branches)
            }
        }
    }

    /// The first element that fits, or the first question that has to be settled before it can be told.
    fn fit<'m>(&self, case: &mut Case, elements: &'m [Member]) -> Fit<'m> {
        'elements: for member in elements {
            let mut open = None;
            for (field, values) in &member.parts {
                match self.ask_field(case, *field, values, false) {
                    Reply::Yes => {}
                    Reply::No => continue 'elements,
                    Reply::Unsure(branches) => open = open.or(Some(branches)),
                }
            }
            return open.map_or(Fit::Sure(member), Fit::Maybe);
        }
        Fit::None
    }
}

fn looked_up(keys: &[Field]) -> String {
    keys.iter().map(|key| super::words::name(*key)).collect::<Vec<_>>().join(" with ")
}
