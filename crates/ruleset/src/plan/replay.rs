//! One flow, replayed before and after a change, in both directions.

use crate::routing::{Routes, Way};
use crate::verdict::{Answer, Judge, Survival, Verdict};
use crate::{Flow, Packet, Ruleset};

/// What becomes of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes on, or was dead before.
    Lives,
    /// It is cut; by which rule.
    Cut(String),
    /// It can't be told; why.
    Unsure(String),
}

/// Both rulesets, prepared.
#[derive(Debug)]
pub struct Replay<'a> {
    before: Judge<'a>,
    after: Judge<'a>,
    routes: Routes<'a>,
}

impl<'a> Replay<'a> {
    /// Prepares both.
    pub fn new(before: &'a Ruleset, after: &'a Ruleset) -> Self {
        Self { before: Judge::new(before), after: Judge::new(after), routes: Routes::new(&before.host) }
    }

    /// What becomes of a flow.
    pub fn flow(&self, flow: &Flow) -> Fate {
        let after = self.after.flow(flow);
        if after.passes == Some(true) {
            return Fate::Lives;
        }
        let before = self.before.flow(flow);
        let was_dead = before.passes == Some(false);
        // The same doubt before and after changes nothing.
        if was_dead || (before.passes == after.passes && is_same_doubt(&before, &after)) {
            return Fate::Lives;
        }
        match after.passes {
            Some(_) => Fate::Cut(after.because),
            None => Fate::Unsure(after.because),
        }
    }

    /// Does the change touch whether it could begin anew?
    pub fn touches_login(&self, flow: &Flow) -> bool {
        let packet = self.first(flow);
        let (before, after) = (self.before.session(&packet), self.after.session(&packet));
        before.verdict != after.verdict || outcomes(&before) != outcomes(&after)
    }

    /// Could it begin anew after the change? And by which rule, or why that can't be told.
    pub fn login(&self, flow: &Flow) -> (Option<bool>, String) {
        let answer = self.after.session(&self.first(flow));
        match answer.verdict {
            Verdict::Accept => (Some(true), decided(&answer)),
            Verdict::Drop | Verdict::Reject => (Some(false), decided(&answer)),
            Verdict::Depends => (None, answer.assumptions.join("; ")),
        }
    }

    /// The first packet of the same connection made anew.
    fn first(&self, flow: &Flow) -> Packet {
        let (from, to) = (flow.original.from, flow.original.to);
        let hook = match (flow.is_local, flow.is_outgoing) {
            (true, Some(true)) => crate::Hook::Output,
            (true, _) => crate::Hook::Input,
            (false, _) => crate::Hook::Forward,
        };
        let in_interface = match self.routes.way(from.address, Some(to.address), Some(0), None) {
            Way::Out(names) if names.len() == 1 && hook != crate::Hook::Output => names.into_iter().next(),
            Way::Here if hook == crate::Hook::Input => Some("lo".to_owned()),
            _ => None,
        };
        let has_ports = matches!(flow.protocol, 6 | 17 | 33 | 132 | 136);
        Packet {
            hook,
            in_interface: in_interface.filter(|_| self.routes.is_known()),
            source: Some(from.address),
            destination: Some(to.address),
            protocol: Some(flow.protocol),
            source_port: None,
            destination_port: has_ports.then_some(to.port),
            ..Packet::default()
        }
    }
}

fn is_same_doubt(before: &Survival, after: &Survival) -> bool {
    (before.if_peer_speaks, before.if_we_speak) == (after.if_peer_speaks, after.if_we_speak)
        && before.because == after.because
}

/// `rule 5 of INPUT: -j DROP`
fn decided(answer: &Answer) -> String {
    match &answer.decided_by {
        Some(by) => match by.rule {
            Some(number) => format!("rule {number} of {}: {}", by.chain, by.text),
            None => format!("the policy of {}", by.chain),
        },
        None => "no rule looks at it".to_owned(),
    }
}

/// Conditions and verdicts, without the places of rules, which move.
fn outcomes(answer: &Answer) -> Vec<(&[String], Verdict)> {
    answer.outcomes.iter().map(|outcome| (outcome.when.as_slice(), outcome.verdict)).collect()
}
