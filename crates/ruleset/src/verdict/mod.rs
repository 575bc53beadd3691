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
mod ipsets;
pub mod jsonl;
mod known;
mod lookup;
mod members;
mod nat;
mod presence;
mod report;
mod session;
mod stages;
mod start;
#[cfg(test)]
mod tests;
mod walk;
mod words;

pub use answer::{Answer, DecidedBy, Outcome, Verdict, Visit};
pub use index::Judge;
pub use session::Survival;

use crate::{Flow, Packet, Ruleset};

/// Would this packet pass? For many packets prepare a [`Judge`] once.
pub fn decide(ruleset: &Ruleset, packet: &Packet) -> Answer {
    Judge::new(ruleset).decide(packet)
}

/// May this new connection be made: does its first packet pass, and its reply the other way?
pub fn session(ruleset: &Ruleset, packet: &Packet) -> Answer {
    Judge::new(ruleset).session(packet)
}

/// Does this live flow go on, in both directions?
pub fn flow_passes(ruleset: &Ruleset, flow: &Flow) -> Survival {
    Judge::new(ruleset).flow(flow)
}

/// The state that connection tracking gives to a packet that begins something: not everything can be NEW.
///
/// TCP as in `tcp_new` of the kernel with nf_conntrack_tcp_loose: flags that make no sense, or that end something, are
/// INVALID. ICMP: only requests are NEW. Neighbour discovery and its like are never tracked.
pub fn first_state(packet: &Packet) -> u32 {
    let is_v6 = packet.source.or(packet.destination).is_some_and(|address| address.is_ipv6());
    match (packet.protocol, packet.icmp_type) {
        (Some(6), _) => match packet.tcp_flags & 0x37 {
            // SYN, SYN URG; ACK, ACK URG in the middle of a connection.
            0x02 | 0x22 | 0x10 | 0x30 => case::state::NEW,
            _ => case::state::INVALID,
        },
        (Some(1), Some(kind)) if !is_v6 && !matches!(kind, 8 | 13 | 15 | 17) => case::state::INVALID,
        (Some(58), Some(130..=136 | 143)) => case::state::UNTRACKED,
        (Some(58), Some(kind)) if !matches!(kind, 128 | 139) => case::state::INVALID,
        _ => case::state::NEW,
    }
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
