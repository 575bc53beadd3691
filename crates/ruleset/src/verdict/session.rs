//! Both directions: may a new connection be made, does a live one go on?

use std::net::IpAddr;

use super::answer::{Answer, DecidedBy, Verdict};
use super::case::{Case, state, status};
use super::index::Judge;
use super::start::{Question, Tracked};
use super::walk::Walk;
use crate::routing::{AddressKind, Way};
use crate::{Endpoint, Field, Flow, FlowSource, Hook, Packet, Tuple};

/// Does a live flow go on?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survival {
    /// It does; it doesn't; or that can't be told.
    pub passes: Option<bool>,
    /// What decides, or why it can't be told: a sentence.
    pub because: String,
    /// The rule that ends it, or on which it hangs.
    pub decided_by: Option<DecidedBy>,
    /// Of an untracked flow, which counts as new in whichever direction speaks next: if the other end speaks.
    pub if_peer_speaks: Option<bool>,
    /// If this host speaks.
    pub if_we_speak: Option<bool>,
}

/// A packet of a flow on its way through one hook.
struct Leg {
    hook: Hook,
    is_reply: bool,
    interface: Option<String>,
    /// It goes over loopback.
    is_loop: bool,
}

impl Judge<'_> {
    /// May this new connection be made: does its first packet pass, and its reply the other way?
    pub fn session(&self, packet: &Packet) -> Answer {
        let question = Question::of(packet);
        let mut walk = Walk::new(self, &question);
        walk.run();
        let mut answer = self.answer(&walk);
        if answer.verdict != Verdict::Accept {
            return answer;
        }
        for finished in &walk.finished {
            let back = self.answered(&reply(&finished.case, packet));
            if back.verdict == Verdict::Accept {
                continue;
            }
            let what = "the packet itself passes; this is about its answer";
            if !back.assumptions.iter().any(|one| one == what) {
                answer.assumptions.insert(0, what.to_owned());
            }
            answer.assumptions.extend(back.assumptions);
            answer.way.extend(back.way);
            answer.outcomes = back.outcomes;
            answer.decided_by = back.decided_by;
            let is_everywhere = walk.finished.len() == 1;
            answer.verdict = if is_everywhere { back.verdict } else { Verdict::Depends };
            return answer;
        }
        answer
    }

    fn answered(&self, question: &Question) -> Answer {
        let mut walk = Walk::new(self, question);
        walk.run();
        self.answer(&walk)
    }

    /// Does this live flow go on, in both directions?
    pub fn flow(&self, flow: &Flow) -> Survival {
        if flow.source != FlowSource::Socket {
            let [original, reply] = self.both(flow);
            let mut legs: Vec<Answer> = Vec::new();
            for leg in original.iter().chain(&reply) {
                legs.push(self.answered(&tracked(flow, leg)));
            }
            return summed(&legs);
        }
        let [incoming, outgoing] = self.both(flow);
        let peer = self.untracked(flow, &incoming, &outgoing);
        let we = self.untracked(flow, &outgoing, &incoming);
        let (if_peer_speaks, if_we_speak) = (peer.passes, we.passes);
        let both = if peer.passes == we.passes {
            peer
        } else {
            let text = |survival: &Survival, who: &str| {
                let outcome = match survival.passes {
                    Some(true) => "it goes on".to_owned(),
                    Some(false) => format!("it is cut ({})", survival.because),
                    None => format!("that can't be told ({})", survival.because),
                };
                format!("if {who} speaks next, {outcome}")
            };
            Survival {
                passes: None,
                because: format!(
                    "connection tracking doesn't know it yet: {}; {}",
                    text(&peer, "the other end"),
                    text(&we, "this host")
                ),
                decided_by: peer.decided_by.clone().or(we.decided_by.clone()),
                if_peer_speaks: None,
                if_we_speak: None,
            }
        };
        Survival { if_peer_speaks, if_we_speak, ..both }
    }

    /// The first packet counts as new, all that follow belong to its connection.
    fn untracked(&self, flow: &Flow, first: &[Leg], back: &[Leg]) -> Survival {
        let mut answers = Vec::new();
        for (at, leg) in first.iter().chain(back).enumerate() {
            let mut packet = packet_of(flow, leg);
            // Who speaks first is the original direction.
            packet.is_reply = at >= first.len();
            if packet.is_reply {
                packet.state = state::ESTABLISHED;
                answers.push(self.answered(&in_between(&packet, leg)));
                continue;
            }
            packet.state = super::first_state(&packet);
            let question = in_between(&packet, leg);
            let mut walk = Walk::new(self, &question);
            walk.run();
            let translated = status::SOURCE_CHANGED | status::DESTINATION_CHANGED;
            if walk.finished.iter().any(|one| one.case.tracking.status & translated != 0) {
                let because =
                    "it would be translated like a new connection, and its packets no longer reach it"
                        .to_owned();
                return Survival {
                    passes: Some(false),
                    because,
                    decided_by: None,
                    if_peer_speaks: None,
                    if_we_speak: None,
                };
            }
            answers.push(self.answer(&walk));
            // What follows in the same direction belongs to the connection.
            packet.state = state::ESTABLISHED;
            answers.push(self.answered(&in_between(&packet, leg)));
        }
        summed(&answers)
    }

    /// The ways of the original direction, and of the replies.
    fn both(&self, flow: &Flow) -> [Vec<Leg>; 2] {
        let leg = |hook, is_reply, from: IpAddr| Leg {
            hook,
            is_reply,
            interface: self.interface_of(from),
            is_loop: false,
        };
        let (ours, theirs) = (flow.original, flow.reply);
        if !flow.is_local {
            return [
                vec![leg(Hook::Forward, false, ours.from.address)],
                vec![leg(Hook::Forward, true, theirs.from.address)],
            ];
        }
        let is_own = |address: IpAddr| {
            address.is_loopback() || self.routes.is_known() && self.routes.kind(address) == AddressKind::Local
        };
        if is_own(ours.from.address) && is_own(theirs.from.address) {
            let looped = |is_reply| {
                [Hook::Output, Hook::Input]
                    .map(|hook| Leg { hook, is_reply, interface: Some("lo".to_owned()), is_loop: true })
                    .into()
            };
            return [looped(false), looped(true)];
        }
        // An untracked one is written from the peer to us, whoever began it.
        let began_here = flow.source != FlowSource::Socket
            && flow.is_outgoing.unwrap_or_else(|| is_own(ours.from.address));
        if began_here {
            [
                vec![leg(Hook::Output, false, theirs.from.address)],
                vec![leg(Hook::Input, true, theirs.from.address)],
            ]
        } else {
            [
                vec![leg(Hook::Input, false, ours.from.address)],
                vec![leg(Hook::Output, true, ours.from.address)],
            ]
        }
    }

    /// The interface behind which an address is, by the routes.
    fn interface_of(&self, address: IpAddr) -> Option<String> {
        if !self.routes.is_known() {
            return None;
        }
        match self.routes.way(address, None, Some(0), None) {
            Way::Out(names) if names.len() == 1 => names.into_iter().next(),
            _ => None,
        }
    }
}

fn in_between(packet: &Packet, leg: &Leg) -> Question {
    Question { is_from_elsewhere: !leg.is_loop, ..Question::of(packet) }
}

/// A packet in the middle of a flow.
fn packet_of(flow: &Flow, leg: &Leg) -> Packet {
    let Tuple { from, to } = if leg.is_reply { flow.reply } else { flow.original };
    let is_icmp = matches!(flow.protocol, 1 | 58);
    let echo = match (flow.protocol, leg.is_reply) {
        (1, false) => Some(8),
        (1, true) => Some(0),
        (58, false) => Some(128),
        (58, true) => Some(129),
        _ => None,
    };
    let port = |end: Endpoint| (!is_icmp).then_some(end.port);
    let is_out = leg.hook == Hook::Output;
    Packet {
        hook: leg.hook,
        in_interface: leg.interface.clone().filter(|_| !is_out),
        out_interface: leg.interface.clone().filter(|_| is_out),
        source: Some(from.address),
        destination: Some(to.address),
        protocol: Some(flow.protocol),
        source_port: port(from),
        destination_port: port(to),
        icmp_type: echo,
        icmp_code: echo.map(|_| 0),
        is_reply: leg.is_reply,
        ct_mark: flow.mark,
        // ACK: in the middle of a connection.
        tcp_flags: 0x10,
        ..Packet::default()
    }
}

fn tracked(flow: &Flow, leg: &Leg) -> Question {
    let mut packet = packet_of(flow, leg);
    let is_answered = flow.status & status::SEEN_REPLY != 0;
    packet.state = match (is_answered || leg.is_reply, flow.status & status::EXPECTED != 0) {
        (true, _) => state::ESTABLISHED,
        (false, true) => state::RELATED,
        (false, false) => state::NEW,
    };
    packet.ct_status = Some(flow.status | if leg.is_reply { status::SEEN_REPLY } else { 0 });
    let mut known = Tracked {
        original_from: flow.original.from,
        original_to: flow.original.to,
        reply_from: flow.reply.from,
        reply_to: flow.reply.to,
        zone: flow.zone,
        is_translated_already: false,
    };
    if packet.in_interface.as_deref() == Some("lo") {
        // Over loopback it comes as it went out: translated.
        let Tuple { from, to } = if leg.is_reply { flow.original } else { flow.reply };
        (packet.source, packet.destination) = (Some(to.address), Some(from.address));
        if packet.source_port.is_some() {
            (packet.source_port, packet.destination_port) = (Some(to.port), Some(from.port));
        }
        known.is_translated_already = true;
    }
    Question { packet, flow: Some(known), is_from_elsewhere: !leg.is_loop }
}

/// The answer to a packet that came to the end of its way.
fn reply(case: &Case, packet: &Packet) -> Question {
    let known = &case.known;
    let name = |field| known.name(field).filter(|name| !name.is_empty()).map(str::to_owned);
    let (hook, came, went) = match (packet.hook, case.hook) {
        (Hook::Output, _) => (Hook::Input, name(Field::OutInterface), None),
        (_, Hook::Postrouting) => (Hook::Forward, name(Field::OutInterface), packet.in_interface.clone()),
        _ => (Hook::Output, None, packet.in_interface.clone()),
    };
    let address = |field| known.address(field, case.version);
    let port = |field| known.number(field).and_then(|port| u16::try_from(port).ok());
    let end = |host, number| {
        let port = if packet.source_port.is_none() && packet.destination_port.is_none() {
            Some(0)
        } else {
            port(number)
        };
        Some(Endpoint { address: address(host)?, port: port? })
    };
    let flow = || {
        Some(Tracked {
            original_from: end(Field::CtOriginalSource, Field::CtOriginalSourcePort)?,
            original_to: end(Field::CtOriginalDestination, Field::CtOriginalDestinationPort)?,
            reply_from: end(Field::Destination, Field::DestinationPort)?,
            reply_to: end(Field::Source, Field::SourcePort)?,
            zone: 0,
            is_translated_already: false,
        })
    };
    let is_tracked = case.is_tracked();
    let answer_type = match packet.icmp_type {
        Some(8) => Some(0),
        Some(128) => Some(129),
        other => other,
    };
    let back = Packet {
        hook,
        in_interface: came,
        out_interface: went,
        source: address(Field::Destination),
        destination: address(Field::Source),
        protocol: packet.protocol,
        source_port: port(Field::DestinationPort),
        destination_port: port(Field::SourcePort),
        icmp_type: answer_type,
        icmp_code: packet.icmp_code,
        state: if is_tracked { state::ESTABLISHED } else { state::NEW },
        ct_status: is_tracked.then_some(case.tracking.status | status::SEEN_REPLY | status::CONFIRMED),
        is_reply: is_tracked,
        ct_mark: known.number(Field::CtMark).and_then(|mark| u32::try_from(mark).ok()).unwrap_or_default(),
        // SYN ACK.
        tcp_flags: 0x12,
        ..Packet::default()
    };
    Question { packet: back, flow: flow().filter(|_| is_tracked), is_from_elsewhere: false }
}

/// All have to pass.
fn summed(answers: &[Answer]) -> Survival {
    let worst = answers.iter().find(|answer| matches!(answer.verdict, Verdict::Drop | Verdict::Reject));
    let worst = worst.or_else(|| answers.iter().find(|answer| answer.verdict == Verdict::Depends));
    let passes = match worst.map(|answer| answer.verdict) {
        None => Some(true),
        Some(Verdict::Depends) => None,
        Some(_) => Some(false),
    };
    let decided_by = worst.and_then(|answer| answer.decided_by.clone());
    let because = match (&decided_by, passes) {
        (_, Some(true)) => "both directions pass".to_owned(),
        (Some(by), Some(false)) => place(by),
        (None, Some(false)) => "it has no way".to_owned(),
        (_, None) => worst.and_then(|answer| answer.assumptions.last().cloned()).unwrap_or_default(),
    };
    Survival { passes, because, decided_by, if_peer_speaks: passes, if_we_speak: passes }
}

fn place(by: &DecidedBy) -> String {
    match by.rule {
        Some(rule) => format!("rule {rule} of {} ({}): {}", by.chain, by.table, by.text),
        None => format!("{} of {} ({})", by.text, by.chain, by.table),
    }
}
