//! Which rule the kernel will name as the one before a new rule, when it tells of it.
//!
//! It tells while it commits, one step after the other: every rule of the batch stands in its chain by then, and a rule that goes stands
//! there until its own step's turn. Of the first and the last rule of a chain it names none (nf_tables_commit and nf_tables_rule_notify in
//! net/netfilter/nf_tables_api.c).

use super::batch::{Anchor, Place};

/// A rule in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// One that was there, by its handle.
    Old(u64),
    /// One that comes in, by the number of its change.
    New(usize),
}

/// What happens to a chain, in the order of the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// The change of this number puts its rule there.
    Add(usize, Place),
    /// The rule with this handle goes.
    Delete(u64),
}

/// For each rule that comes in: its change's number, and the rule before it when the kernel tells of it.
pub(super) fn previous(before: impl Iterator<Item = u64>, moves: &[Move]) -> Vec<(usize, Option<Link>)> {
    let mut chain: Vec<Link> = before.map(Link::Old).collect();
    for step in moves {
        if let Move::Add(number, place) = step {
            let at = index(&chain, *place);
            chain.insert(at, Link::New(*number));
        }
    }
    let mut told = Vec::new();
    for step in moves {
        match step {
            Move::Add(number, _) => {
                let at = chain.iter().position(|link| *link == Link::New(*number)).unwrap_or(0);
                let is_within = at > 0 && at + 1 < chain.len();
                told.push((*number, is_within.then(|| chain[at - 1])));
            }
            Move::Delete(handle) => chain.retain(|link| *link != Link::Old(*handle)),
        }
    }
    told
}

/// Where the kernel puts a rule in its list, in which the rules that go still stand.
fn index(chain: &[Link], place: Place) -> usize {
    let of = |anchor: Anchor| {
        let wanted = match anchor {
            Anchor::Handle(handle) => Link::Old(handle),
            Anchor::New(id) => Link::New(super::prepare::number(id)),
        };
        chain.iter().position(|link| *link == wanted)
    };
    match place {
        Place::First => 0,
        Place::Last => chain.len(),
        Place::Before(anchor) => of(anchor).unwrap_or(chain.len()),
        Place::After(anchor) => of(anchor).map_or(chain.len(), |at| at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_goes_stands_until_its_turn() {
        let before = Move::Add(0, Place::Before(Anchor::Handle(12)));
        let (old, new) = (Link::Old, Link::New);
        let check = |moves: &[Move], expected: &[(usize, Option<Link>)]| {
            assert_eq!(previous([11, 12, 13].into_iter(), moves), expected);
        };
        check(&[before], &[(0, Some(old(11)))]);
        check(&[before, Move::Delete(11)], &[(0, Some(old(11)))]);
        check(&[Move::Delete(11), before], &[(0, None)]);
        // A later one comes between, and is there when the first is told of.
        let between = Move::Add(1, Place::Before(Anchor::New(super::super::prepare::id(0))));
        check(&[before, between], &[(0, Some(new(1))), (1, Some(old(11)))]);
        check(&[Move::Add(0, Place::Last)], &[(0, None)]);
        check(&[Move::Add(0, Place::First)], &[(0, None)]);
    }
}
