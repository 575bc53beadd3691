//! The right place for a rule in chains that are there already.

use super::neighbour::{self, Kind};
use super::region::{Fit, Region};
use super::walk::{self, Fate, Part};
use super::way::Station;
use crate::owners::Owner;
use crate::ufw::{Verb, Wanted};
use crate::{Action, Chain, Family, Field, Rule, Step, Table, Test, Values};

/// Blocks of addresses up to this size are bans, larger ones are policy.
const BAN_V4: u128 = 1 << 16;
const BAN_V6: u128 = 1 << 96;

/// Matches that throttle: what they drop is dropped because it came too often.
const THROTTLES: [&str; 5] = ["recent", "hashlimit", "connlimit", "limit", "geoip"];

/// Before which rule of which chain.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// The chain.
    pub chain: &'a Chain,
    /// 0-based: the rule that will stand after it; its length for the end.
    pub index: usize,
}

/// Why a part that is decided otherwise is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exception {
    /// It is banned, or came too often.
    Ban,
    /// A check of another table hangs on something that we can't tell.
    Unsure,
}

/// Is this part decided otherwise than asked?
pub fn is_otherwise(part: &Part<'_>, verb: Verb) -> bool {
    match verb {
        Verb::Allow | Verb::Limit => part.fate != Fate::Accept,
        Verb::Deny => !matches!(part.fate, Fate::Drop | Fate::Reject),
        Verb::Reject => part.fate != Fate::Reject,
    }
}

/// What keeps a part as it is although something else was asked.
pub fn exception(part: &Part<'_>, wanted: &Wanted, station: &Station<'_>) -> Option<Exception> {
    if !wanted.verb.passes() {
        return None;
    }
    let rules = || part.path.iter().filter_map(|(chain, index)| index.map(|index| &chain.rules[index]));
    if wanted.source.is_none() {
        let is_list = |(chain, _): &(&Chain, Option<usize>)| {
            neighbour::of_chain(&chain.name).is_some_and(|owner| neighbour::kind(owner) == Kind::Bans)
        };
        if part.path.iter().any(is_list) || rules().any(|rule| is_ban(rule, station.table.family)) {
            return Some(Exception::Ban);
        }
    }
    let hangs = rules().any(|rule| rule.tests().any(|test| matches!(test, Test::Opaque { .. })));
    (hangs && station.table.name != "filter").then_some(Exception::Unsure)
}

/// Does the rule pick out few senders, or those that come too often?
fn is_ban(rule: &Rule, family: Family) -> bool {
    let limit = if family == Family::Ip6 { BAN_V6 } else { BAN_V4 };
    rule.tests().any(|test| match test {
        Test::Field { field: Field::Source, values: Values::Ranges(ranges), negated: false } => {
            ranges.iter().all(|range| range.last - range.first < limit)
        }
        Test::Set { keys, negated: false, .. } => keys.first() == Some(&Field::Source),
        Test::Opaque { text, .. } => {
            let module = text.trim_start_matches("-m ").split_whitespace().next().unwrap_or_default();
            THROTTLES.contains(&module)
        }
        _ => false,
    })
}

/// Who else decides this part, if the admin doesn't.
pub fn foreign(part: &Part<'_>) -> Option<(Owner, String)> {
    let (chain, _) = part.path.iter().find(|(chain, _)| !neighbour::is_own(chain))?;
    Some((neighbour::of_chain(&chain.name)?, chain.name.clone()))
}

/// A front-end that rules in this base chain: its chains are called from here and hold rules.
pub fn front_end(table: &Table, base: &Chain) -> Option<Owner> {
    let called = |rule: &Rule| match rule.action() {
        Some(Action::Jump(name) | Action::Goto(name)) => {
            let owner =
                neighbour::of_chain(name).filter(|owner| neighbour::kind(*owner) == Kind::FrontEnd)?;
            let holds = |chain: &Chain| {
                chain
                    .rules
                    .iter()
                    .any(|rule| !matches!(rule.action(), Some(Action::Jump(_) | Action::Log(_)) | None))
            };
            table.chain(name).is_some_and(holds).then_some(owner)
        }
        _ => None,
    };
    base.rules.iter().find_map(called)
}

/// Where a rule has to stand so that this part is decided as asked.
pub fn before<'a>(station: &Station<'a>, part: &Part<'a>, wanted: &Wanted, region: &Region) -> Spot<'a> {
    let mut spot = at(station.chain, part.path[0].1);
    for pair in part.path.windows(2) {
        let (chain, index) = pair[1];
        if !is_admins(chain, wanted.verb) || callers(station.table, &chain.name) > 1 {
            break;
        }
        spot = at(chain, index);
    }
    if wanted.verb.passes() {
        if std::ptr::eq(spot.chain, station.chain)
            && let Some(own) = admins_chain(station, spot.index, region)
        {
            spot = own;
        }
        spot = before_logs(spot, region);
    }
    spot
}

fn at(chain: &Chain, index: Option<usize>) -> Spot<'_> {
    Spot { chain, index: index.unwrap_or(chain.rules.len()) }
}

/// Does the chain hold rules that let particular traffic pass? (And not just: log it and drop it.)
fn is_admins(chain: &Chain, verb: Verb) -> bool {
    let picks = |rule: &Rule| {
        let tells = rule.tests().any(|test| {
            matches!(
                test,
                Test::Set { .. }
                    | Test::Field { field: Field::DestinationPort | Field::Source | Field::Destination, .. }
            )
        });
        let passes = matches!(rule.action(), Some(Action::Accept));
        let stops = matches!(rule.action(), Some(Action::Drop | Action::Reject(_)));
        tells && (passes || (stops && !verb.passes()))
    };
    neighbour::is_own(chain) && chain.base.is_none() && chain.rules.iter().any(picks)
}

/// How many rules lead into a chain.
fn callers(table: &Table, name: &str) -> usize {
    let leads = |rule: &&Rule| match rule.action() {
        Some(Action::Jump(to) | Action::Goto(to)) => to == name,
        _ => false,
    };
    table.chains.iter().flat_map(|chain| &chain.rules).filter(leads).count()
}

/// The admin's own chain for this traffic: one that all of it passes before `end`, and that lets such traffic pass.
fn admins_chain<'a>(station: &Station<'a>, end: usize, region: &Region) -> Option<Spot<'a>> {
    let mut best: Option<(usize, Spot<'a>)> = None;
    for rule in &station.chain.rules[..end] {
        let Some(Action::Jump(name)) = rule.action() else { continue };
        if !walk::is_covered(region, rule) || callers(station.table, name) > 1 {
            continue;
        }
        let Some(chain) = station.table.chain(name) else { continue };
        if !neighbour::is_own(chain) {
            continue;
        }
        let alike = chain.rules.iter().filter(|rule| is_alike(rule, region)).count();
        let is_empty_for_it = chain.rules.is_empty() && rule.tests().next().is_some();
        if alike == 0 && !is_empty_for_it {
            continue;
        }
        let decides = |rule: &Rule| {
            let ends = !matches!(rule.action(), Some(Action::Accept | Action::Log(_)) | None);
            ends && rule.tests().all(|test| region.fit(test) != Fit::None)
        };
        let index = chain.rules.iter().position(decides).unwrap_or(chain.rules.len());
        if best.is_none_or(|(most, _)| alike > most) {
            best = Some((alike, Spot { chain, index }));
        }
    }
    best.map(|(_, spot)| spot)
}

/// A rule that lets a port of the same protocol pass.
fn is_alike(rule: &Rule, region: &Region) -> bool {
    let has_port = rule.tests().any(|test| matches!(test, Test::Field { field: Field::DestinationPort, .. }));
    let same = rule.tests().all(|test| match test {
        Test::Field { field: Field::Protocol, .. } => region.fit(test) != Fit::None,
        _ => true,
    });
    has_port && same && matches!(rule.action(), Some(Action::Accept))
}

/// Rules right before that log what is about to be dropped stay right before the drop.
fn before_logs<'a>(mut spot: Spot<'a>, region: &Region) -> Spot<'a> {
    while spot.index > 0 {
        let rule = &spot.chain.rules[spot.index - 1];
        let logs = matches!(rule.steps.last(), Some(Step::Do(Action::Log(_))));
        let meets = rule.tests().all(|test| region.fit(test) != Fit::None);
        if !(logs && meets) {
            break;
        }
        spot.index -= 1;
    }
    spot
}
