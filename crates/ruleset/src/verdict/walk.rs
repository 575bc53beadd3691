//! The walk of a packet through chains. Where an answer hangs on something unknown, the way forks.

use std::collections::VecDeque;

use super::answer::Verdict;
use super::ask::{Branch, Reply, Then};
use super::case::{Case, Change, Condition, Frame, Passed, Place};
use super::index::{ChainId, Judge};
use super::lookup::Found;
use super::start::Question;
use crate::{Action, Chain, Ends, Policy, Rule, Step};

/// A way that came to its end.
#[derive(Debug)]
pub(super) struct Finished {
    pub verdict: Verdict,
    /// What decided: for an accepted packet that is chosen among what let it pass.
    pub by: Option<Place>,
    pub case: Case,
}

/// All ways of a packet.
#[derive(Debug)]
pub(super) struct Walk<'j, 'a> {
    pub judge: &'j Judge<'a>,
    pub question: &'j Question,
    pub open: VecDeque<Case>,
    pub finished: Vec<Finished>,
    /// Why not every way was followed to its end.
    pub given_up: Option<&'static str>,
    /// Were ways left out since too many waited?
    is_partial: bool,
    steps: u64,
    forks: usize,
}

/// So many rules are looked at, in all ways together.
const STEPS: u64 = 20_000_000;
/// So many ways are followed to their ends while they end alike.
const WAYS: usize = 4_096;
/// So many ways wait to be followed.
const WAITING: usize = 1_024;
/// So many forks are taken.
const FORKS: usize = 10_000;
/// So many more once the ends are known to differ, to tell a person more.
const WAYS_TO_TELL: usize = 16;
const TOO_MANY: &str = "there are thousands of ways that it may go";
/// Jumps within jumps; the kernel refuses loops, a file may hold one.
const DEPTH: usize = 256;

/// What becomes of the rule at hand.
pub(super) enum After {
    /// The next step of it.
    NextStep,
    /// The next rule.
    NextRule,
    /// The place was changed: look again.
    Moved,
    /// This way has ended, or forked.
    Left,
}

impl<'j, 'a> Walk<'j, 'a> {
    pub fn new(judge: &'j Judge<'a>, question: &'j Question) -> Self {
        Self { open: question.cases(judge).into(), ..Self::of_one(judge, question) }
    }

    /// Without a way yet.
    pub fn of_one(judge: &'j Judge<'a>, question: &'j Question) -> Self {
        Self {
            judge,
            question,
            open: VecDeque::new(),
            finished: Vec::new(),
            given_up: None,
            is_partial: false,
            steps: 0,
            forks: 0,
        }
    }

    /// Follows all ways to their ends, within limits.
    pub fn run(&mut self) {
        // One way to its end, then the one that was left first.
        let mut ended = 0;
        loop {
            let has_ended = self.finished.len() > ended;
            ended = self.finished.len();
            let next = if has_ended { self.open.pop_front() } else { self.open.pop_back() };
            let Some(case) = next else { break };
            if self.has_enough() {
                return;
            }
            self.follow(case);
        }
        if self.is_partial {
            self.given_up = Some(TOO_MANY);
        }
    }

    fn has_enough(&mut self) -> bool {
        let is_mixed = self.finished.windows(2).any(|two| two[0].verdict != two[1].verdict);
        if is_mixed && self.finished.len() >= WAYS_TO_TELL {
            return true;
        }
        if self.finished.len() >= WAYS {
            self.given_up = Some(TOO_MANY);
        }
        self.given_up.is_some()
    }

    fn follow(&mut self, case: Case) {
        let mut holder = Some(case);
        while let Some(case) = holder.as_mut() {
            let Some(frame) = case.stack.last().copied() else {
                if !self.next_station(&mut holder) {
                    return;
                }
                continue;
            };
            let chain = self.judge.chain(frame.chain);
            self.steps += 1;
            if self.steps > STEPS {
                self.given_up = Some("it would take too many steps");
                return;
            }
            match self.rules(&mut holder, frame, chain) {
                After::Left => return,
                After::NextStep | After::NextRule | After::Moved => {}
            }
        }
    }

    /// Goes through the rules of a chain, from where the frame says, until something else comes up.
    fn rules(&mut self, holder: &mut Option<Case>, frame: Frame, chain: &Chain) -> After {
        let mut step = frame.step;
        for (at, rule) in chain.rules.iter().enumerate().skip(frame.rule) {
            self.steps += 1;
            match self.rule(holder, Place { chain: frame.chain, rule: Some(at) }, rule, step) {
                After::NextStep | After::NextRule => step = 0,
                other => return other,
            }
        }
        let Some(case) = holder.as_mut() else { return After::Left };
        case.stack.pop();
        self.if_at_policy(holder)
    }

    fn rule(&mut self, holder: &mut Option<Case>, place: Place, rule: &Rule, from: usize) -> After {
        let Some(case) = holder.as_mut() else { return After::Left };
        if from == 0 {
            case.begun += 1;
        }
        let mut has_acted = rule.steps.iter().take(from).any(|step| matches!(step, Step::Do(_)));
        for (at, step) in rule.steps.iter().enumerate().skip(from) {
            let after = match step {
                Step::Test(test) => {
                    let Some(case) = holder.as_mut() else { return After::Left };
                    match self.judge.ask(case, place.chain, test) {
                        Reply::Yes => After::NextStep,
                        Reply::No => return After::NextRule,
                        Reply::Unsure(_)
                            if self.judge.is_harmless(place.chain, rule)
                                || self.fails_anyway(case, place, rule, at) =>
                        {
                            return After::NextRule;
                        }
                        Reply::Unsure(branches) => return self.fork(holder, place, at, *branches),
                    }
                }
                Step::Do(action) => {
                    has_acted = true;
                    self.act(holder, place, at, action)
                }
            };
            if !matches!(after, After::NextStep) {
                return after;
            }
        }
        if !has_acted && let Some(case) = holder.as_mut() {
            case.visit(place, "counted, goes on");
        }
        After::NextRule
    }

    /// Does a later test of the rule surely fail, whatever comes of this one?
    fn fails_anyway(&self, case: &mut Case, place: Place, rule: &Rule, at: usize) -> bool {
        let tests = rule.steps[at + 1..].iter().map_while(|step| match step {
            Step::Test(test) => Some(test),
            Step::Do(_) => None,
        });
        tests.into_iter().any(|test| matches!(self.judge.ask(case, place.chain, test), Reply::No))
    }

    /// Both sides are followed later; this way ends.
    pub fn fork(
        &mut self,
        holder: &mut Option<Case>,
        place: Place,
        step: usize,
        branches: [Branch; 2],
    ) -> After {
        let Some(case) = holder.take() else { return After::Left };
        self.forks += 1;
        if self.forks > FORKS {
            self.given_up = Some(TOO_MANY);
            return After::Left;
        }
        let rule = place.rule.unwrap_or_default();
        // The way on which the test fails is followed first: it leads to what happens by default.
        let [holds, fails] = branches;
        let waiting = if self.open.len() < WAITING { Some(holds) } else { None };
        self.is_partial |= waiting.is_none();
        for (is_first, branch) in waiting.into_iter().map(|branch| (true, branch)).chain([(false, fails)]) {
            let mut case = case.clone();
            let (rule, step) = match branch.then {
                Then::Holds => (rule, step + 1),
                Then::Fails => (rule + 1, 0),
                Then::Again => (rule, step),
            };
            if let Some(frame) = case.stack.last_mut() {
                (frame.rule, frame.step) = (rule, step);
            }
            let about = match branch.change {
                Change::Narrow(variable, _) => Some(variable),
                Change::Atom(..) | Change::Status(..) => None,
            };
            case.conditions.push(Condition {
                text: branch.text,
                place: Some(place),
                settles: about.filter(|_| is_first),
                excludes: about.filter(|_| !is_first),
            });
            case.learn(branch.change);
            self.open.push_back(case);
        }
        After::Left
    }

    fn act(&mut self, holder: &mut Option<Case>, place: Place, step: usize, action: &Action) -> After {
        let Some(case) = holder.as_mut() else { return After::Left };
        match action {
            Action::Accept => {
                case.visit(place, "accept");
                pass(case, place);
                After::Moved
            }
            Action::Drop => self.end(holder, place, Verdict::Drop, "drop".to_owned()),
            Action::Reject(with) => {
                self.end(holder, place, Verdict::Reject, format!("reject {with}").trim_end().to_owned())
            }
            Action::Return => {
                case.visit(place, "returns");
                case.stack.pop();
                self.if_at_policy(holder)
            }
            Action::Jump(name) | Action::Goto(name) => {
                let is_goto = matches!(action, Action::Goto(_));
                self.go_to(holder, place, step, name, is_goto)
            }
            Action::Queue(text) => {
                let text = format!("the program behind `{}` lets it pass", text.trim());
                self.undecided(holder, place, step, &text, &[Verdict::Accept, Verdict::Drop])
            }
            Action::Dnat(_)
            | Action::Snat(_)
            | Action::Masquerade(_)
            | Action::Redirect(_)
            | Action::Netmap(_) => {
                self.translate(case, place, action);
                pass(case, place);
                After::Moved
            }
            Action::VerdictMap { map, keys } => {
                match self.judge.find_in_map(case, place.chain.table, map, keys) {
                    Found::Value(value) => self.value(holder, place, step, &value),
                    Found::Nothing => After::NextRule,
                    Found::Unsure(branches) => self.fork(holder, place, step, *branches),
                    Found::Unknown => {
                        let text = "what its map gives, which is not known, is accept";
                        self.undecided(
                            holder,
                            place,
                            step,
                            text,
                            &[Verdict::Accept, Verdict::Drop, Verdict::Depends],
                        )
                    }
                }
            }
            Action::Notrack => {
                if case.is_before_tracking && case.tracking.state != super::case::state::UNTRACKED {
                    case.tracking.is_excluded = true;
                }
                case.visit(place, "not tracked from here on");
                After::NextStep
            }
            Action::Other { text, ends: Ends::Unknown } => {
                let text =
                    format!("what `{}` does, which rules alone don't tell, is to let it pass", text.trim());
                self.undecided(
                    holder,
                    place,
                    step,
                    &text,
                    &[Verdict::Accept, Verdict::Drop, Verdict::Depends],
                )
            }
            other => {
                if let Some(effect) = case.apply(other) {
                    case.visit(place, effect);
                }
                After::NextStep
            }
        }
    }

    /// A verdict as an nft map has it.
    fn value(&mut self, holder: &mut Option<Case>, place: Place, step: usize, value: &str) -> After {
        let mut words = value.split_whitespace();
        let action = match (words.next().unwrap_or_default(), words.next()) {
            ("accept", None) => Action::Accept,
            ("drop", None) => Action::Drop,
            ("return", None) => Action::Return,
            ("jump", Some(chain)) => Action::Jump(chain.to_owned()),
            ("goto", Some(chain)) => Action::Goto(chain.to_owned()),
            ("continue", None) => return After::NextStep,
            _ => Action::Other { text: value.to_owned(), ends: Ends::Unknown },
        };
        self.act(holder, place, step, &action)
    }

    fn go_to(
        &mut self,
        holder: &mut Option<Case>,
        place: Place,
        step: usize,
        name: &str,
        is_goto: bool,
    ) -> After {
        let Some(case) = holder.as_mut() else { return After::Left };
        let Some(chain) = self.judge.named(place.chain, name) else {
            let text = format!("the way through chain {name}, which is not given, lets it pass");
            return self.undecided(
                holder,
                place,
                step,
                &text,
                &[Verdict::Accept, Verdict::Drop, Verdict::Depends],
            );
        };
        if case.stack.len() >= DEPTH {
            self.given_up = Some("chains jump to each other in a loop");
            *holder = None;
            return After::Left;
        }
        case.visit(place, format!("goes to chain {name}"));
        if is_goto {
            case.stack.pop();
        } else if let Some(frame) = case.stack.last_mut() {
            (frame.rule, frame.step) = (place.rule.map_or(0, |at| at), step + 1);
        }
        case.stack.push(Frame { chain, rule: 0, step: 0 });
        After::Moved
    }

    /// Something decides that we can't look into: each possible verdict is followed ([`Verdict::Depends`]: goes on).
    fn undecided(
        &mut self,
        holder: &mut Option<Case>,
        place: Place,
        step: usize,
        text: &str,
        verdicts: &[Verdict],
    ) -> After {
        let Some(case) = holder.take() else { return After::Left };
        for verdict in verdicts.iter().rev() {
            let mut case = case.clone();
            match verdict {
                Verdict::Accept => {
                    case.suppose(text.to_owned(), Some(place));
                    case.visit(place, "lets it pass");
                    pass(&mut case, place);
                    self.open.push_back(case);
                }
                Verdict::Depends => {
                    case.suppose(
                        text.replace("is accept", "is to go on")
                            .replace("is to let it pass", "is to go on")
                            .replace("lets it pass", "leads back"),
                        Some(place),
                    );
                    case.visit(place, "goes on");
                    if let Some(frame) = case.stack.last_mut() {
                        (frame.rule, frame.step) = (place.rule.unwrap_or_default(), step + 1);
                    }
                    self.open.push_back(case);
                }
                Verdict::Drop | Verdict::Reject => {
                    case.suppose(format!("not so: {text}"), Some(place));
                    let mut holder = Some(case);
                    self.end(&mut holder, place, *verdict, "drops it".to_owned());
                }
            }
        }
        After::Left
    }

    /// This way ends.
    pub fn end(
        &mut self,
        holder: &mut Option<Case>,
        place: Place,
        verdict: Verdict,
        effect: String,
    ) -> After {
        if let Some(mut case) = holder.take() {
            case.visit(place, effect);
            self.finished.push(Finished { verdict, by: Some(place), case });
        }
        After::Left
    }

    /// If the base chain was left, its policy decides.
    fn if_at_policy(&mut self, holder: &mut Option<Case>) -> After {
        let Some(case) = holder.as_mut() else { return After::Left };
        if !case.stack.is_empty() {
            return After::Moved;
        }
        let Some(chain) = case.base else { return After::Moved };
        let place = Place { chain, rule: None };
        match self.judge.base(chain).map(|base| base.policy) {
            Some(Policy::Drop) => self.end(holder, place, Verdict::Drop, "policy: drop".to_owned()),
            _ => {
                case.visit(place, "policy: accept");
                pass(case, place);
                After::Moved
            }
        }
    }
}

/// The base chain lets it go on.
fn pass(case: &mut Case, place: Place) {
    if let Some(base) = case.base {
        case.passed.push(Passed { place, base, hook: case.hook });
    }
    case.stack.clear();
}

impl Case {
    pub(super) fn suppose(&mut self, text: String, place: Option<Place>) {
        self.conditions.push(Condition { text, place, excludes: None, settles: None });
    }
}

/// The stack of a base chain that is begun.
pub(super) fn begin(case: &mut Case, chain: ChainId) {
    case.base = Some(chain);
    case.stack.push(Frame { chain, rule: 0, step: 0 });
}
