//! Would this packet pass? Which rule decides, and on which way does it come there?
//!
//! A deliberately simple interpreter: one packet, rule by rule, as the kernel does it. What is not given is unknown; where
//! the answer hangs on something unknown the way forks, and the answer is [`Verdict::Depends`] only if the ends differ.
//!
//! All base chains of a hook are asked in the order of their priority, of all tables and backends. An accept ends its own
//! base chain only, a drop is final. Chains of kind nat see the first packet of a flow only.

mod answer;
mod ask;
mod case;
mod domain;
mod effects;
mod index;
mod known;
mod lookup;
mod members;
mod nat;
mod presence;
mod report;
mod stages;
mod start;
#[cfg(test)]
mod tests;
mod walk;
mod words;

pub use answer::{Answer, DecidedBy, Outcome, Verdict, Visit};
pub use index::Judge;

use crate::{Packet, Ruleset};

/// Would this packet pass? For many packets prepare a [`Judge`] once.
pub fn decide(ruleset: &Ruleset, packet: &Packet) -> Answer {
    Judge::new(ruleset).decide(packet)
}

impl Judge<'_> {
    /// Would this packet pass?
    pub fn decide(&self, packet: &Packet) -> Answer {
        let question = start::Question::of(packet);
        let mut walk = walk::Walk::new(self, &question);
        walk.run();
        self.answer(&walk)
    }
}
