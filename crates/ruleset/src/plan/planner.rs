//! Puts a plan together: each change is planned onto what the ones before it leave.

use std::rc::Rc;

use super::after;
use super::{Because, Change, Operation, Refusal, Removed};
use crate::ufw::Edit;
use crate::{Backend, Chain, Family, Flow, Listener, Rule, Ruleset, Table, WayIn};

/// What a plan is made for.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// All rules.
    pub ruleset: &'a Ruleset,
    /// Live flows.
    pub flows: &'a [Flow],
    /// Listening services.
    pub listeners: &'a [Listener],
    /// How the person at the keyboard came in.
    pub ways_in: &'a [WayIn],
    /// Peers that were seen before (`observe`).
    pub observed: &'a [super::Observed],
    /// Families that are known: a dump has often but one.
    pub families: &'a [Family],
}

/// A plan on its way.
#[derive(Debug)]
pub(super) struct Planner<'a> {
    pub state: &'a State<'a>,
    pub edit: &'a Edit,
    /// The rules after the changes so far.
    pub rules: Rc<Ruleset>,
    pub changes: Vec<Change>,
    pub because: Option<Because>,
    pub notes: Vec<String>,
}

impl<'a> Planner<'a> {
    pub fn new(state: &'a State<'a>, edit: &'a Edit) -> Self {
        Self {
            state,
            edit,
            rules: Rc::new(state.ruleset.clone()),
            changes: Vec::new(),
            because: None,
            notes: edit.notes.clone(),
        }
    }

    /// The families of what is asked that are known.
    pub fn families(&mut self, wanted: &[Family]) -> Result<Vec<Family>, Refusal> {
        let known: Vec<Family> =
            wanted.iter().copied().filter(|family| self.state.families.contains(family)).collect();
        if known.is_empty() {
            let name = if wanted.first() == Some(&Family::Ip6) { "IPv6" } else { "IPv4" };
            return Err(Refusal::UnknownFamily(name));
        }
        for family in wanted.iter().filter(|family| !known.contains(family)) {
            let name = if *family == Family::Ip6 { "IPv6" } else { "IPv4" };
            self.note(format!("{name} is not planned: there is no dump of it"));
        }
        Ok(known)
    }

    /// The rules as they are after the changes so far, to be read while more are planned.
    pub fn snapshot(&self) -> Current<'a> {
        if self.changes.is_empty() {
            Current::Given(self.state.ruleset)
        } else {
            Current::Changed(Rc::clone(&self.rules))
        }
    }

    /// Tells it once.
    pub fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Plans a change.
    pub fn change(&mut self, change: Change) {
        if after::apply(Rc::make_mut(&mut self.rules), &change) {
            self.changes.push(change);
        }
    }

    /// A rule comes in.
    pub fn insert(&mut self, place: &Place, index: usize, text: &str) {
        self.change(place.change(Operation::Insert, index + 1, text));
    }

    /// A rule goes.
    pub fn delete(&mut self, place: &Place, index: usize) {
        let Some(rule) = self.rule_at(place, index) else { return };
        let removed = Removed { rule: rule.text.clone(), handle: rule.handle, counters: rule.counters };
        let mut change = place.change(Operation::Delete, index + 1, &rule.text.clone());
        change.removed = Some(removed);
        self.change(change);
    }

    /// A rule is put in another's place.
    pub fn replace(&mut self, place: &Place, index: usize, text: &str) {
        let Some(rule) = self.rule_at(place, index) else { return };
        let removed = Removed { rule: rule.text.clone(), handle: rule.handle, counters: rule.counters };
        let mut change = place.change(Operation::Replace, index + 1, text);
        change.removed = Some(removed);
        self.change(change);
    }

    fn rule_at(&self, place: &Place, index: usize) -> Option<&Rule> {
        self.chain(place)?.rules.get(index)
    }

    /// It is so because there are no rules at all.
    pub fn nothing_filters(&mut self, family: Family, chain: &str) {
        let text = "nothing filters here".to_owned();
        let (table, chain) = ("filter".to_owned(), chain.to_owned());
        self.because.get_or_insert(Because { family, table, chain, rule: None, text });
    }

    /// The chain as it is after the changes so far.
    pub fn chain(&self, place: &Place) -> Option<&Chain> {
        self.rules.table(place.backend, place.family, &place.table)?.chain(&place.chain)
    }

    /// Says by which rule it is so already; the first one counts.
    pub fn already(&mut self, table: &Table, chain: &Chain, index: Option<usize>) {
        if self.because.is_some() {
            return;
        }
        let text = match index {
            Some(index) => chain.rules[index].text.clone(),
            None => chain.base.as_ref().map_or("", |base| base.policy.as_str()).to_owned(),
        };
        self.because = Some(Because {
            family: table.family,
            table: table.name.clone(),
            chain: chain.name.clone(),
            rule: index.map(|index| index + 1),
            text,
        });
    }
}

/// Rules at some point of planning: those that were given are not copied.
#[derive(Debug)]
pub(super) enum Current<'a> {
    Given(&'a Ruleset),
    Changed(Rc<Ruleset>),
}

impl std::ops::Deref for Current<'_> {
    type Target = Ruleset;

    fn deref(&self) -> &Ruleset {
        match self {
            Self::Given(rules) => rules,
            Self::Changed(rules) => rules,
        }
    }
}

/// A chain, by name: it stays the same while rules come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub backend: Backend,
    pub family: Family,
    pub table: String,
    pub chain: String,
}

impl Place {
    pub fn of(table: &Table, chain: &Chain) -> Self {
        Self {
            backend: table.backend,
            family: table.family,
            table: table.name.clone(),
            chain: chain.name.clone(),
        }
    }

    fn change(&self, op: Operation, position: usize, text: &str) -> Change {
        Change {
            op,
            backend: self.backend,
            family: self.family,
            table: self.table.clone(),
            chain: self.chain.clone(),
            position,
            rule: text.to_owned(),
            removed: None,
        }
    }

    /// The change of a policy.
    pub fn policy(&self, from: &str, to: &str) -> Change {
        let mut change = self.change(Operation::Policy, 0, to);
        change.removed = Some(Removed { rule: from.to_owned(), handle: None, counters: None });
        change
    }
}

/// Do two rules test the same and do the same? Comments and the order of tests don't count.
pub(super) fn is_same(a: &Rule, b: &Rule) -> bool {
    actions(a).eq(actions(b)) && is_same_match(a, b)
}

/// Do two rules test the same?
pub(super) fn is_same_match(a: &Rule, b: &Rule) -> bool {
    let tests = |rule: &Rule| {
        let mut tests: Vec<String> = rule.tests().map(|test| format!("{test:?}")).collect();
        tests.sort();
        tests.dedup();
        tests
    };
    // The cheap question first: there may be 100,000 rules.
    a.action().is_some() == b.action().is_some() && a.tests().count().abs_diff(b.tests().count()) < 4 && {
        let shares = match a.tests().next() {
            Some(test) => b.tests().any(|other| other == test),
            None => b.tests().next().is_none(),
        };
        shares && tests(a) == tests(b)
    }
}

fn actions(rule: &Rule) -> impl Iterator<Item = &crate::Action> {
    rule.steps.iter().filter_map(|step| match step {
        crate::Step::Do(action) => Some(action),
        crate::Step::Test(_) => None,
    })
}
