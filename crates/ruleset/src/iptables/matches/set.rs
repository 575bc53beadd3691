//! `set`: membership in an ipset. Anything but the plain question is opaque.

use crate::{Field, SetRef, Step, Test};

use super::{Match, Reading};

pub(super) const SET: Match = Match {
    options: &[
        "--match-set",
        "--set",
        "--return-nomatch",
        "--update-counters",
        "--update-subcounters",
        "--packets-eq",
        "--packets-lt",
        "--packets-gt",
        "--bytes-eq",
        "--bytes-lt",
        "--bytes-gt",
    ],
    read,
};

fn read(reading: Reading<'_, '_>, steps: &mut Vec<Step>) -> Option<()> {
    for option in reading.options.iter() {
        let (directions, name) = match (option.name, option.values) {
            ("--match-set" | "--set", [name @ .., directions]) if !name.is_empty() => (directions, name),
            _ => return None,
        };
        let keys = directions.text.split(',').map(direction).collect::<Option<Vec<Field>>>()?;
        // A name with blanks is printed as it is; more than one blank between its words can't be told here.
        let is_joined = name.windows(2).all(|pair| pair[0].end + 1 == pair[1].start);
        if !is_joined {
            return None;
        }
        let words: Vec<&str> = name.iter().map(|word| word.text.as_ref()).collect();
        let set = SetRef::Ipset(words.join(" "));
        steps.push(Step::Test(Test::Set { set, keys, negated: option.negated }));
    }
    Some(())
}

fn direction(text: &str) -> Option<Field> {
    match text {
        "src" => Some(Field::Source),
        "dst" => Some(Field::Destination),
        _ => None,
    }
}
