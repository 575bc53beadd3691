//! One way that the packet may go: what is known of it, where it is, what has happened.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::domain::Domain;
use super::index::ChainId;
use super::known::{Known, Variable};
use crate::{Endpoint, Field, Hook};

/// Bits of [`Field::CtState`].
pub(super) mod state {
    pub const INVALID: u32 = 1;
    pub const ESTABLISHED: u32 = 2;
    pub const RELATED: u32 = 4;
    pub const NEW: u32 = 8;
    pub const UNTRACKED: u32 = 64;
}

/// Bits of [`Field::CtStatus`].
pub(super) mod status {
    pub const EXPECTED: u32 = 1;
    pub const SEEN_REPLY: u32 = 2;
    pub const ASSURED: u32 = 4;
    pub const CONFIRMED: u32 = 8;
    pub const SOURCE_CHANGED: u32 = 16;
    pub const DESTINATION_CHANGED: u32 = 32;
}

/// What connection tracking knows of the packet's flow.
#[derive(Clone, Debug)]
pub(super) struct Tracking {
    /// The state that the packet is given, one bit.
    pub state: u32,
    /// It was taken out before it could be tracked.
    pub is_excluded: bool,
    /// Status bits.
    pub status: u32,
    /// Which of them are known.
    pub status_known: u32,
    /// Of a flow that is already there: what becomes of destination and source.
    pub becomes: Option<(Endpoint, Endpoint)>,
    /// Are nat chains asked for it?
    pub is_translated_anew: bool,
}

/// A chain and the rule in it that comes next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub chain: ChainId,
    pub rule: usize,
    pub step: usize,
}

/// A rule, or with `None` the policy of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub chain: ChainId,
    pub rule: Option<usize>,
}

/// A rule that was gone through.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    pub place: Place,
    pub hook: Hook,
    pub effect: Cow<'static, str>,
}

/// What was supposed where it could not be known.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub text: String,
    pub place: Option<Place>,
    /// The variable that it takes something away from.
    pub excludes: Option<Variable>,
    /// The variable of which it says what it is.
    pub settles: Option<Variable>,
}

/// How a base chain ended that let the packet go on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed {
    pub place: Place,
    pub base: ChainId,
    pub hook: Hook,
}

/// One way.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub version: u8,
    pub known: Known,
    pub tracking: Tracking,
    /// How often something was rewritten: what rules can't decide may turn out otherwise afterwards.
    pub epoch: u64,
    /// How many rules were begun: each asks anew what has a memory (limit, recent).
    pub begun: u64,
    /// What was supposed of what rules can't decide.
    pub atoms: Vec<(Rc<str>, u64, bool)>,
    pub hook: Hook,
    pub station: usize,
    pub base: Option<ChainId>,
    /// Before connection tracking has seen it.
    pub is_before_tracking: bool,
    pub stack: Vec<Frame>,
    pub seen: Vec<Seen>,
    pub passed: Vec<Passed>,
    pub conditions: Vec<Condition>,
    pub assumed: BTreeSet<Cow<'static, str>>,
    /// The destination was rewritten.
    pub has_new_destination: bool,
    pub is_destination_done: bool,
    pub is_source_done: bool,
    /// The mark when the packet was routed.
    pub routed_mark: Option<u128>,
}

impl Case {
    /// The state bit that rules see now.
    pub fn state(&self) -> u32 {
        if self.tracking.is_excluded {
            state::UNTRACKED
        } else if self.is_before_tracking && self.tracking.state != state::UNTRACKED {
            state::INVALID
        } else {
            self.tracking.state
        }
    }

    /// Does it belong to a connection, as rules see it now?
    pub fn is_tracked(&self) -> bool {
        self.state() & (state::ESTABLISHED | state::RELATED | state::NEW) != 0
    }

    pub fn assume(&mut self, sentence: impl Into<Cow<'static, str>>) {
        let sentence = sentence.into();
        if !self.assumed.contains(&sentence) {
            self.assumed.insert(sentence);
        }
    }

    pub fn visit(&mut self, place: Place, effect: impl Into<Cow<'static, str>>) {
        self.seen.push(Seen { place, hook: self.hook, effect: effect.into() });
    }

    /// Rewrites a field, and what goes with it.
    pub fn rewrite(&mut self, field: Field, domain: Domain) {
        self.known.rewrite(field, domain);
        self.epoch += 1;
    }
}

/// What becomes known on one side of a fork.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Narrow(Variable, Domain),
    Atom(Rc<str>, u64, bool),
    Status(u32, u32),
}

impl Case {
    pub fn learn(&mut self, change: Change) {
        match change {
            Change::Narrow(variable, domain) => self.known.narrow(variable, domain),
            Change::Atom(text, epoch, holds) => self.atoms.push((text, epoch, holds)),
            Change::Status(bits, known) => {
                self.tracking.status |= bits;
                self.tracking.status_known |= known;
            }
        }
    }
}
