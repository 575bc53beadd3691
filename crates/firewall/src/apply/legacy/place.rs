//! Finds a rule, or the place of one, by the texts beside it: legacy rules have no handles.

use crate::apply::edit::Neighbour;

/// Which of the rules with this text is the one that stood between these neighbours; `None` if none does.
///
/// The admin's own twin of the text, elsewhere in the chain, is not taken for it.
pub(super) fn ours(texts: &[&str], text: &str, above: &[Neighbour], below: &[Neighbour]) -> Option<usize> {
    let is_between = |at: usize| {
        let before = &texts[..at];
        let after = &texts[at + 1..];
        let is_after = |neighbours: &[Neighbour], here: &[&str], there: &[&str]| {
            // The nearest neighbour that is still there, and not on both sides, has to be on its side.
            let side = neighbours.iter().find_map(|neighbour| {
                let (is_here, is_there) =
                    (here.contains(&neighbour.text.as_str()), there.contains(&neighbour.text.as_str()));
                (is_here || is_there).then_some(is_here)
            });
            side.unwrap_or(true)
        };
        is_after(above, before, after) && is_after(below, after, before)
    };
    let candidates = (0..texts.len()).filter(|at| texts[*at] == text && is_between(*at));
    candidates.min_by_key(|at| distance(texts, *at, above, below))
}

/// How far the nearest neighbours are from this place.
fn distance(texts: &[&str], at: usize, above: &[Neighbour], below: &[Neighbour]) -> usize {
    let up =
        above.iter().find_map(|neighbour| texts[..at].iter().rev().position(|text| *text == neighbour.text));
    let down =
        below.iter().find_map(|neighbour| texts[at + 1..].iter().position(|text| *text == neighbour.text));
    up.unwrap_or(texts.len()) + down.unwrap_or(texts.len())
}

/// Where a rule goes back to: an index, beside the nearest neighbour that is still there.
pub(super) fn back(texts: &[&str], above: &[Neighbour], below: &[Neighbour]) -> Option<usize> {
    if above.is_empty() && below.is_empty() {
        return Some(0);
    }
    for distance in 0..above.len().max(below.len()) {
        if let Some(neighbour) = above.get(distance)
            && let Some(at) = texts.iter().rposition(|text| *text == neighbour.text)
        {
            return Some(at + 1);
        }
        if let Some(neighbour) = below.get(distance)
            && let Some(at) = texts.iter().position(|text| *text == neighbour.text)
        {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neighbours(texts: &str) -> Vec<Neighbour> {
        texts.chars().map(|text| Neighbour { handle: None, text: text.to_string(), edit: None }).collect()
    }

    #[test]
    fn ours_stands_between_its_neighbours() {
        // (the chain now, above ours, below ours, where ours is); ours is x.
        let rows = [
            ("abxcd", "ba", "cd", Some(2)),
            ("xabxcd", "ba", "cd", Some(3)),
            ("abxcdx", "ba", "cd", Some(2)),
            ("abcdx", "ba", "cd", None),
            ("xabcd", "ba", "cd", None),
            ("nxn", "ba", "cd", Some(1)),
            ("abnxnd", "ba", "cd", Some(3)),
            ("x", "", "", Some(0)),
            ("abcd", "ba", "cd", None),
        ];
        for (now, above, below, expected) in rows {
            let texts: Vec<&str> = now.split("").filter(|text| !text.is_empty()).collect();
            assert_eq!(ours(&texts, "x", &neighbours(above), &neighbours(below)), expected, "{now}");
        }
    }

    #[test]
    fn a_rule_goes_back_beside_its_nearest_neighbour() {
        let rows = [
            ("abcd", Some(2)),
            ("nabncd", Some(3)),
            ("acd", Some(1)),
            ("d", Some(0)),
            ("a", Some(1)),
            ("n", None),
        ];
        for (now, expected) in rows {
            let texts: Vec<&str> = now.split("").filter(|text| !text.is_empty()).collect();
            assert_eq!(back(&texts, &neighbours("ba"), &neighbours("cd")), expected, "{now}");
        }
    }
}
