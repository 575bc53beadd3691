//! Handles that look like somebody's name: proposed, never joined by themselves.

use std::collections::BTreeSet;

use api::Person;

/// A handle that may be a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alike {
    pub(crate) handle: String,
    pub(crate) source: String,
    pub(crate) person: Person,
    pub(crate) reason: &'static str,
}

/// Letters and digits in lower case: `Ada.Lovelace` and `ada lovelace` are alike.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn reason(handle: &str, name: &str) -> Option<&'static str> {
    let (handle, whole) = (plain(handle), plain(name));
    if handle.chars().count() < 2 {
        return None;
    }
    let words: Vec<String> = name.split_whitespace().map(plain).collect();
    let initial = |word: &str| word.chars().take(1).collect::<String>();
    if handle == whole {
        Some("the same letters")
    } else if words.len() > 1 && words.contains(&handle) {
        Some("a part of the name")
    } else if let [first, .., last] = words.as_slice()
        && (handle == initial(first) + last || handle == first.clone() + &initial(last))
    {
        Some("initial and name")
    } else {
        None
    }
}

/// What looks alike among handles seen (handle and source) that nobody has yet.
pub(crate) fn alike(seen: &BTreeSet<(String, String)>, people: &[Person]) -> Vec<Alike> {
    let is_known = |handle: &str, source: &str| {
        let with_source = format!("{handle}@{source}");
        people
            .iter()
            .any(|person| person.handles.iter().any(|known| *known == handle || *known == with_source))
    };
    let mut found = Vec::new();
    for (handle, source) in seen.iter().filter(|(handle, source)| !is_known(handle, source)) {
        let mut fits = people
            .iter()
            .filter(|person| person.active)
            .filter_map(|person| reason(handle, &person.name).map(|reason| (person, reason)));
        // A handle that fits two people says nothing.
        if let (Some((person, reason)), None) = (fits.next(), fits.next()) {
            found.push(Alike {
                handle: handle.clone(),
                source: source.clone(),
                person: person.clone(),
                reason,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(handle: &str, name: &str, expected: Option<&str>) {
        assert_eq!(reason(handle, name), expected, "{handle} {name}");
    }

    #[test]
    fn tells_why_two_look_alike() {
        check("ada.lovelace", "Ada Lovelace", Some("the same letters"));
        check("ada", "Ada Lovelace", Some("a part of the name"));
        check("alovelace", "Ada Lovelace", Some("initial and name"));
        check("adal", "Ada Lovelace", Some("initial and name"));
        check("Ada", "ada", Some("the same letters"));
        check("grace", "Ada Lovelace", None);
        check("a", "a", None);
        check("!!", "Ada", None);
    }
}
