//! A box of traffic on its way through a base chain: what becomes of which part, and by which rule.

use crate::{Action, Chain, Ends, Field, Rule, Step, Table};

use super::region::{Fit, Region};

/// Deeper than the kernel lets rules jump.
const DEEPEST: usize = 64;
/// More parts than this are not told apart.
const MOST_PARTS: usize = 64;

/// What becomes of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Passes this base chain.
    Accept,
    /// Is dropped.
    Drop,
    /// Is refused with an answer.
    Reject,
    /// Gets another destination (nat chains).
    Translated(crate::Nat),
    /// Can't be told; the reason.
    Unknown(String),
}

/// A part, what becomes of it, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<'a> {
    /// The traffic.
    pub region: Region,
    /// What becomes of it.
    pub fate: Fate,
    /// From the base chain down: each chain with the index of its rule; `None` for the policy.
    pub path: Vec<(&'a Chain, Option<usize>)>,
}

impl<'a> Part<'a> {
    /// The rule that decides.
    pub fn rule(&self) -> Option<&'a Rule> {
        let (chain, index) = self.path.last()?;
        index.map(|index| &chain.rules[index])
    }
}

/// All parts, in the order in which rules decide them.
pub fn walk<'a>(table: &'a Table, base: &'a Chain, regions: Vec<Region>) -> Vec<Part<'a>> {
    walk_with(table, base, regions, None)
}

/// Rules that are thought to stand before a place of a chain.
#[derive(Clone, Copy, Debug)]
pub struct Extra<'a> {
    /// The chain's name.
    pub chain: &'a str,
    /// 0-based.
    pub index: usize,
    /// The rules.
    pub rules: &'a [Rule],
}

/// The same, as if there were more rules.
pub fn walk_with<'a>(
    table: &'a Table,
    base: &'a Chain,
    regions: Vec<Region>,
    extra: Option<Extra<'a>>,
) -> Vec<Part<'a>> {
    let mut walker = Walker { table, extra, parts: Vec::new(), path: Vec::new() };
    let left = walker.chain(base, regions);
    let policy = base.base.as_ref().map(|base| base.policy);
    for region in left {
        let fate = if policy == Some(crate::Policy::Drop) { Fate::Drop } else { Fate::Accept };
        walker.parts.push(Part { region, fate, path: vec![(base, None)] });
    }
    walker.parts
}

struct Walker<'a> {
    table: &'a Table,
    extra: Option<Extra<'a>>,
    parts: Vec<Part<'a>>,
    path: Vec<(&'a Chain, Option<usize>)>,
}

impl<'a> Walker<'a> {
    /// What comes back from a chain.
    fn chain(&mut self, chain: &'a Chain, mut regions: Vec<Region>) -> Vec<Region> {
        let mut returned = Vec::new();
        let extra = self.extra.filter(|extra| extra.chain == chain.name);
        for index in 0..=chain.rules.len() {
            if regions.is_empty() {
                break;
            }
            if let Some(extra) = extra.filter(|extra| extra.index == index) {
                self.path.push((chain, None));
                for rule in extra.rules {
                    regions = self.rule(rule, regions, &mut returned);
                }
                self.path.pop();
            }
            let Some(rule) = chain.rules.get(index) else { break };
            if regions.iter().all(|region| misses(region, rule)) {
                continue;
            }
            self.path.push((chain, Some(index)));
            regions = self.rule(rule, regions, &mut returned);
            self.path.pop();
        }
        regions.extend(returned);
        regions
    }

    /// What the rule leaves for the next one.
    fn rule(&mut self, rule: &'a Rule, regions: Vec<Region>, returned: &mut Vec<Region>) -> Vec<Region> {
        if !rule.steps.iter().any(|step| matches!(step, Step::Do(action) if is_heard(action))) {
            return regions;
        }
        let is_crowded = regions.len() > MOST_PARTS;
        let mut rest = Vec::new();
        let mut current = regions;
        for step in &rule.steps {
            match step {
                Step::Test(test) => {
                    let mut passing = Vec::new();
                    for region in current {
                        if is_crowded && region.fit(test) == Fit::Some {
                            rest.push(region.clone().rough());
                            passing.push(region);
                            continue;
                        }
                        let (yes, no) = region.cut(test);
                        passing.extend(yes);
                        rest.extend(no);
                    }
                    current = passing;
                }
                Step::Do(action) => current = self.act(action, current, returned),
            }
            if current.is_empty() {
                break;
            }
        }
        rest.extend(current);
        rest
    }

    fn act(&mut self, action: &'a Action, regions: Vec<Region>, returned: &mut Vec<Region>) -> Vec<Region> {
        match action {
            Action::Accept => self.end(regions, &Fate::Accept),
            Action::Drop => self.end(regions, &Fate::Drop),
            Action::Reject(_) => self.end(regions, &Fate::Reject),
            Action::Dnat(nat) | Action::Redirect(nat) => self.end(regions, &Fate::Translated(nat.clone())),
            Action::Snat(_) | Action::Masquerade(_) | Action::Netmap(_) => self.end(regions, &Fate::Accept),
            Action::Return => {
                returned.extend(regions);
                Vec::new()
            }
            Action::Jump(name) => self.call(name, regions),
            Action::Goto(name) => {
                let back = self.call(name, regions);
                returned.extend(back);
                Vec::new()
            }
            Action::Queue(text) => {
                self.end(regions, &Fate::Unknown(format!("a program decides (queue {text})")))
            }
            Action::VerdictMap { .. } => {
                self.end(regions, &Fate::Unknown("a verdict map decides".to_owned()))
            }
            Action::Other { text, ends: Ends::Unknown } => {
                self.end(regions, &Fate::Unknown(format!("`{text}` is not understood")))
            }
            Action::SetMark { .. } | Action::RestoreMark { .. } => freed(regions, Field::Mark),
            Action::SetCtMark { .. } | Action::SaveMark { .. } => freed(regions, Field::CtMark),
            Action::Notrack => {
                let untracked = |mut region: Region| {
                    region.fix(Field::CtState, 64);
                    region
                };
                regions.into_iter().map(untracked).collect()
            }
            Action::Log(_) | Action::Other { ends: Ends::GoesOn, .. } => regions,
        }
    }

    fn call(&mut self, name: &str, regions: Vec<Region>) -> Vec<Region> {
        match self.table.chain(name) {
            Some(chain) if self.path.len() < DEEPEST => self.chain(chain, regions),
            Some(_) => self.end(regions, &Fate::Unknown("chains call each other without end".to_owned())),
            None => self.end(regions, &Fate::Unknown(format!("the chain {name} is not there"))),
        }
    }

    fn end(&mut self, regions: Vec<Region>, fate: &Fate) -> Vec<Region> {
        for region in regions {
            self.parts.push(Part { region, fate: fate.clone(), path: self.path.clone() });
        }
        Vec::new()
    }
}

/// Can the rule change anything for us?
fn is_heard(action: &Action) -> bool {
    !matches!(action, Action::Log(_) | Action::Other { ends: Ends::GoesOn, .. })
}

fn freed(regions: Vec<Region>, field: Field) -> Vec<Region> {
    let free = |mut region: Region| {
        region.free(field);
        region
    };
    regions.into_iter().map(free).collect()
}

/// Does surely no packet pass the tests before the first action?
fn misses(region: &Region, rule: &Rule) -> bool {
    for step in &rule.steps {
        match step {
            Step::Test(test) if region.fit(test) == Fit::None => return true,
            Step::Test(_) => {}
            Step::Do(_) => return false,
        }
    }
    false
}

/// Do surely all packets pass its tests?
pub fn is_covered(region: &Region, rule: &Rule) -> bool {
    rule.tests().all(|test| region.fit(test) == Fit::All)
}
