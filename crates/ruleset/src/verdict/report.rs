//! From the ways of a packet to an answer.

use super::answer::{Answer, DecidedBy, Outcome, Verdict, Visit};
use super::case::{Case, Passed, Place, Seen};
use super::index::Judge;
use super::walk::{Finished, Walk};
use crate::{ChainKind, Hook, Syntax};

/// At most so many outcomes are told.
const TOLD: usize = 8;
/// At most so many conditions of an outcome are told in its sentence.
const CONDITIONS: usize = 4;

impl Judge<'_> {
    pub(super) fn answer(&self, walk: &Walk<'_, '_>) -> Answer {
        let finished = &walk.finished;
        let mut assumptions: Vec<String> = Vec::new();
        for sentence in finished.iter().flat_map(|one| one.case.assumed.iter()) {
            if !assumptions.iter().any(|known| known == sentence) {
                assumptions.push(sentence.clone().into_owned());
            }
        }
        let verdict = verdict_of(finished, walk.given_up.is_some());
        let is_mixed = finished.iter().any(|one| one.verdict != finished[0].verdict);
        if let (Some(why), false) = (walk.given_up, is_mixed) {
            assumptions.insert(0, format!("can't tell: {why}"));
        }
        let mut outcomes = self.outcomes(finished);
        let Some(first) = finished.first() else {
            return Answer { verdict, decided_by: None, assumptions, way: Vec::new(), outcomes };
        };
        if verdict != Verdict::Depends {
            let way = self.way(&first.case.seen);
            let decided_by = outcomes.first().and_then(|outcome| outcome.decided_by.clone());
            outcomes.truncate(1);
            if let Some(outcome) = outcomes.first_mut() {
                outcome.when.clear();
            }
            return Answer { verdict, decided_by, assumptions, way, outcomes };
        }
        let others = finished.iter().filter(|one| one.verdict != first.verdict);
        let other = others.min_by_key(|one| parted(&first.case, &one.case)).unwrap_or(first);
        let conditions = first.case.conditions.get(parted(&first.case, &other.case));
        let parted = conditions.and_then(|condition| condition.place);
        assumptions.extend(outcomes.iter().rev().map(sentence));
        let common = first.case.seen.iter().zip(&other.case.seen).take_while(|(a, b)| a == b).count();
        let way = self.way(&first.case.seen[..common]);
        Answer { verdict, decided_by: parted.map(|place| self.decided_by(place)), assumptions, way, outcomes }
    }

    /// Different outcomes, each once, those that differ from the first one early.
    fn outcomes(&self, finished: &[Finished]) -> Vec<Outcome> {
        let mut told: Vec<(Verdict, Option<Place>)> = Vec::new();
        let mut outcomes = Vec::new();
        for one in finished {
            let by = match one.verdict {
                Verdict::Accept => self.let_pass(&one.case),
                _ => one.by,
            };
            if told.contains(&(one.verdict, by)) {
                continue;
            }
            told.push((one.verdict, by));
            let is_new_verdict = !outcomes.iter().any(|outcome: &Outcome| outcome.verdict == one.verdict);
            if outcomes.len() >= TOLD && !is_new_verdict {
                continue;
            }
            outcomes.push(Outcome {
                when: when(&one.case),
                verdict: one.verdict,
                decided_by: by.map(|place| self.decided_by(place)),
                way: self.way(&one.case.seen),
            });
        }
        outcomes
    }

    /// What let the packet pass: a rule rather than a policy, a filtering chain of the last hook rather than any other.
    fn let_pass(&self, case: &Case) -> Option<Place> {
        let rank = |passed: &Passed| {
            let is_last_hook = matches!(passed.hook, Hook::Input | Hook::Forward | Hook::Output);
            let is_filtering = self.judged_as_filter(passed);
            (is_last_hook && is_filtering, is_last_hook, passed.place.rule.is_some())
        };
        // Of equal ones the last counts.
        case.passed.iter().max_by_key(|passed| rank(passed)).map(|passed| passed.place)
    }

    fn judged_as_filter(&self, passed: &Passed) -> bool {
        let name = self.table(passed.base).name.as_str();
        let kind = self.base(passed.base).map(|base| base.kind);
        kind == Some(ChainKind::Filter) && !matches!(name, "raw" | "mangle" | "security")
    }

    pub(super) fn decided_by(&self, place: Place) -> DecidedBy {
        let (table, chain) = (self.table(place.chain), self.chain(place.chain));
        let text = match place.rule {
            Some(at) => chain.rules[at].text.clone(),
            None => {
                let word = chain.base.as_ref().map_or("ACCEPT", |base| base.policy.as_str());
                match table.syntax() {
                    Syntax::Iptables => format!("policy {word}"),
                    Syntax::Nft => format!("policy {}", word.to_ascii_lowercase()),
                }
            }
        };
        DecidedBy {
            table: table.name.clone(),
            chain: chain.name.clone(),
            rule: place.rule.map(|at| at + 1),
            text,
            backend: table.backend,
            family: table.family,
        }
    }

    fn way(&self, seen: &[Seen]) -> Vec<Visit> {
        seen.iter()
            .map(|one| Visit {
                at: self.decided_by(one.place),
                hook: one.hook.as_str(),
                effect: one.effect.clone().into_owned(),
            })
            .collect()
    }
}

fn verdict_of(finished: &[Finished], is_given_up: bool) -> Verdict {
    match finished {
        [] => Verdict::Depends,
        [first, rest @ ..] if rest.iter().all(|one| one.verdict == first.verdict) && !is_given_up => {
            first.verdict
        }
        _ => Verdict::Depends,
    }
}

/// The number of the first condition in which two ways differ.
fn parted(one: &Case, other: &Case) -> usize {
    one.conditions.iter().zip(&other.conditions).take_while(|(a, b)| a.text == b.text).count()
}

/// The conditions of a way, without those that a later one makes needless ("is not A" before "is B").
fn when(case: &Case) -> Vec<String> {
    let is_needless = |at: usize| {
        let about = case.conditions[at].excludes;
        about.is_some() && case.conditions[at + 1..].iter().any(|later| later.settles == about)
    };
    (0..case.conditions.len())
        .filter(|at| !is_needless(*at))
        .map(|at| case.conditions[at].text.clone())
        .collect()
}

fn sentence(outcome: &Outcome) -> String {
    let verdict = match outcome.verdict {
        Verdict::Accept => "accepted",
        Verdict::Drop => "dropped",
        Verdict::Reject => "rejected",
        Verdict::Depends => "undecided",
    };
    let by = match &outcome.decided_by {
        Some(DecidedBy { chain, rule: Some(rule), table, .. }) => {
            format!(" by rule {rule} of {chain} ({table})")
        }
        Some(DecidedBy { chain, rule: None, table, .. }) => format!(" by the policy of {chain} ({table})"),
        None => String::new(),
    };
    match outcome.when.as_slice() {
        [] => format!("{verdict}{by}"),
        when if when.len() > CONDITIONS + 1 => {
            let more = when.len() - CONDITIONS;
            format!("{verdict}{by} if {}, and so on ({more} more)", when[..CONDITIONS].join(", and "))
        }
        when => format!("{verdict}{by} if {}", when.join(", and ")),
    }
}
