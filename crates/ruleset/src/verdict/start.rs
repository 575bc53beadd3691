//! The beginning: what a question says of the packet, and what is supposed where it says nothing.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::case::{Case, Tracking, state, status};
use super::domain::Domain;
use super::index::Judge;
use super::known::{Known, number};
use crate::routing::AddressKind;
use crate::{Endpoint, Field, Hook, Packet, Values};

/// A question.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub packet: Packet,
    /// Of a packet of a tracked flow: the flow.
    pub flow: Option<Tracked>,
    /// The other end is not this host, so that it goes over no loopback, even if the interface is not known.
    pub is_from_elsewhere: bool,
}

/// A tracked flow, as seen by one of its packets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tracked {
    /// The flow's first packet went from here ...
    pub original_from: Endpoint,
    /// ... to there.
    pub original_to: Endpoint,
    /// Its answers go from here ...
    pub reply_from: Endpoint,
    /// ... to there.
    pub reply_to: Endpoint,
    /// Its zone.
    pub zone: u16,
    /// The packet comes over loopback as it went out: it was translated there.
    pub is_translated_already: bool,
}

impl Question {
    pub fn of(packet: &Packet) -> Self {
        Self { packet: packet.clone(), flow: None, is_from_elsewhere: false }
    }

    /// The ways to begin with: one for each version that is possible.
    pub fn cases(&self, judge: &Judge<'_>) -> Vec<Case> {
        let packet = &self.packet;
        let address = packet.source.or(packet.destination);
        let versions = match (address, packet.protocol) {
            (Some(address), _) => vec![if address.is_ipv6() { 6 } else { 4 }],
            (None, Some(1)) => vec![4],
            (None, Some(58)) => vec![6],
            (None, _) => vec![4, 6],
        };
        let mut asked: Vec<u8> =
            versions.iter().copied().filter(|version| judge.has_chains(*version)).collect();
        if asked.is_empty() {
            asked.push(versions[0]);
        }
        let is_both = asked.len() > 1;
        asked
            .into_iter()
            .rev()
            .map(|version| {
                let mut case = self.case(judge, version);
                if is_both {
                    case.suppose(format!("it is an IPv{version} packet"), None);
                }
                case
            })
            .collect()
    }

    fn case(&self, judge: &Judge<'_>, version: u8) -> Case {
        let packet = &self.packet;
        let hook = if packet.hook == Hook::Output { Hook::Output } else { Hook::Prerouting };
        let mut case = Case {
            version,
            known: self.known(version),
            tracking: self.tracking(),
            epoch: 0,
            begun: 0,
            atoms: Vec::new(),
            hook,
            station: 0,
            base: None,
            is_before_tracking: false,
            stack: Vec::new(),
            seen: Vec::new(),
            passed: Vec::new(),
            conditions: Vec::new(),
            assumed: judge.unseen.iter().cloned().map(Cow::Owned).collect::<BTreeSet<_>>(),
            has_new_destination: false,
            is_destination_done: false,
            is_source_done: false,
            routed_mark: Some(u128::from(packet.mark)),
        };
        self.place(judge, &mut case);
        case
    }

    fn known(&self, version: u8) -> Known {
        let packet = &self.packet;
        let mut known = Known::new(version);
        let mut set = |field, value: Option<u128>| {
            if let Some(value) = value {
                known.rewrite(field, Domain::One(value));
            }
        };
        set(Field::Source, packet.source.map(number));
        set(Field::Destination, packet.destination.map(number));
        set(Field::Protocol, packet.protocol.map(u128::from));
        set(Field::SourcePort, packet.source_port.map(u128::from));
        set(Field::DestinationPort, packet.destination_port.map(u128::from));
        set(Field::IcmpType, packet.icmp_type.map(u128::from));
        set(Field::IcmpCode, packet.icmp_code.map(u128::from));
        set(Field::TcpFlags, Some(u128::from(packet.tcp_flags)));
        set(Field::Mark, Some(u128::from(packet.mark)));
        set(Field::CtMark, Some(u128::from(packet.ct_mark)));
        set(Field::CtZone, Some(self.flow.map_or(0, |flow| u128::from(flow.zone))));
        set(Field::Ttl, packet.ttl.map(u128::from));
        set(
            Field::SourceMac,
            packet.source_mac.map(|mac| mac.iter().fold(0, |all, byte| all << 8 | u128::from(*byte))),
        );
        let is_sure = packet.state == state::NEW || packet.is_reply || self.flow.is_some();
        set(Field::CtDirection, is_sure.then_some(u128::from(packet.is_reply)));
        set(Field::PacketType, Some(packet_type(packet)));
        match self.flow {
            Some(flow) => set_tuples(&mut known, &flow),
            None => {
                same_tuples(&mut known, packet.is_reply);
                without_ports(&mut known, packet);
            }
        }
        known
    }

    fn tracking(&self) -> Tracking {
        let packet = &self.packet;
        let seen_reply =
            if packet.state == state::ESTABLISHED { status::SEEN_REPLY | status::CONFIRMED } else { 0 };
        let (bits, known) = match (packet.ct_status, packet.state) {
            (Some(bits), _) => (bits, u32::MAX),
            (None, state::NEW) => {
                (0, status::EXPECTED | status::SEEN_REPLY | status::ASSURED | status::CONFIRMED)
            }
            (None, state::ESTABLISHED) => (seen_reply, seen_reply),
            (None, _) => (0, 0),
        };
        // A flow whose translation is not given is taken as untranslated, unless a nat chain of today says otherwise.
        let translation = status::SOURCE_CHANGED | status::DESTINATION_CHANGED;
        let becomes = self.flow.filter(|flow| !flow.is_translated_already).map(|flow| {
            if packet.is_reply {
                (flow.original_from, flow.original_to)
            } else {
                (flow.reply_from, flow.reply_to)
            }
        });
        Tracking {
            state: packet.state,
            is_excluded: false,
            status: bits,
            status_known: known | translation,
            becomes,
            is_translated_anew: self.flow.is_none() && !packet.is_reply,
        }
    }

    /// Interfaces and kinds of addresses.
    fn place(&self, judge: &Judge<'_>, case: &mut Case) {
        let packet = &self.packet;
        let other_end = if packet.hook == Hook::Output { packet.destination } else { packet.source };
        let is_foreign =
            |address| judge.routes.is_known() && judge.routes.kind(address) != AddressKind::Local;
        let is_elsewhere = self.is_from_elsewhere || other_end.is_some_and(is_foreign);
        let unknown = || if is_elsewhere { Domain::some_name_but("lo") } else { Domain::some_name() };
        let interface = |name: &Option<String>| name.as_deref().map_or_else(unknown, Domain::name);
        let unicast = AddressKind::Unicast.bit();
        let local = AddressKind::Local.bit();
        if packet.hook == Hook::Output {
            case.known.rewrite(Field::InInterface, Domain::name(""));
            let mut out = interface(&packet.out_interface);
            if packet.out_interface.is_none() && judge.routes.is_known() && packet.destination.is_some() {
                out = super::walk::Walk::of_one(judge, self).out_interface(case);
            }
            let kind = match &out {
                Domain::Name(name) if &**name == "lo" => Domain::One(local),
                Domain::Name(_) => Domain::One(unicast),
                _ => Domain::of([unicast, local].map(|one| crate::Range { first: one, last: one }))
                    .expect("two kinds"),
            };
            case.known.rewrite(Field::DestinationType, kind);
            case.known.rewrite(Field::SourceType, Domain::One(local));
            case.known.rewrite(Field::OutInterface, out);
            return;
        }
        case.known.rewrite(Field::InInterface, interface(&packet.in_interface));
        case.known.rewrite(Field::OutInterface, Domain::name(""));
        let is_forward = packet.hook == Hook::Forward;
        if packet.hook == Hook::Input && packet.destination.is_none() {
            // Some address of this host.
            let own = judge.routes.addresses(case.version, |kind| kind == AddressKind::Local);
            if let (true, Values::Ranges(ranges)) = (judge.routes.is_known(), own)
                && let (Some(domain), Some(variable)) =
                    (Domain::of(ranges), case.known.variable(Field::Destination))
            {
                case.known.narrow(variable, domain);
            }
        }
        case.known.rewrite(Field::DestinationType, Domain::One(if is_forward { unicast } else { local }));
        let from_here = packet.in_interface.as_deref() == Some("lo");
        case.known.rewrite(Field::SourceType, Domain::One(if from_here { local } else { unicast }));
        // What comes over loopback was translated on its way out already.
        case.is_destination_done = from_here;
        case.is_source_done = from_here;
    }
}

/// 0 for us, 1 broadcast, 2 multicast.
fn packet_type(packet: &Packet) -> u128 {
    match packet.destination {
        Some(address) if packet.hook != Hook::Output => match AddressKind::without_host(address) {
            Some(AddressKind::Broadcast) => 1,
            Some(AddressKind::Multicast) => 2,
            _ => 0,
        },
        _ => 0,
    }
}

/// An untranslated flow: its tuples are those of the packet.
fn same_tuples(known: &mut Known, is_reply: bool) {
    use Field as F;
    let own = [F::Source, F::Destination, F::SourcePort, F::DestinationPort];
    let back = [F::Destination, F::Source, F::DestinationPort, F::SourcePort];
    let original = [
        F::CtOriginalSource,
        F::CtOriginalDestination,
        F::CtOriginalSourcePort,
        F::CtOriginalDestinationPort,
    ];
    let reply = [F::CtReplySource, F::CtReplyDestination, F::CtReplySourcePort, F::CtReplyDestinationPort];
    let (as_original, as_reply) = if is_reply { (back, own) } else { (own, back) };
    for (field, as_field) in original.into_iter().zip(as_original).chain(reply.into_iter().zip(as_reply)) {
        known.same(field, as_field);
    }
}

/// What connection tracking has in the place of ports where there are none: of ICMP the id and type * 256 + code, else 0.
fn without_ports(known: &mut Known, packet: &Packet) {
    use Field as F;
    let sources = [F::CtOriginalSourcePort, F::CtReplySourcePort];
    let destinations = [F::CtOriginalDestinationPort, F::CtReplyDestinationPort];
    let all = sources.into_iter().chain(destinations);
    match packet.protocol {
        None | Some(6 | 17 | 33 | 132 | 136) => {}
        Some(1 | 58) => {
            let wanted = packet.icmp_type.zip(packet.icmp_code);
            let both = wanted.map_or(Domain::bits(16), |(kind, code)| {
                Domain::One(u128::from(kind) << 8 | u128::from(code))
            });
            all.for_each(|field| known.rewrite(field, Domain::bits(16)));
            if !packet.is_reply {
                known.rewrite(F::CtOriginalDestinationPort, both);
            }
        }
        // The key of GRE.
        Some(47) => all.for_each(|field| known.rewrite(field, Domain::bits(16))),
        Some(_) => all.for_each(|field| known.rewrite(field, Domain::One(0))),
    }
}

fn set_tuples(known: &mut Known, flow: &Tracked) {
    let ends = [
        (Field::CtOriginalSource, Field::CtOriginalSourcePort, flow.original_from),
        (Field::CtOriginalDestination, Field::CtOriginalDestinationPort, flow.original_to),
        (Field::CtReplySource, Field::CtReplySourcePort, flow.reply_from),
        (Field::CtReplyDestination, Field::CtReplyDestinationPort, flow.reply_to),
    ];
    for (address, port, end) in ends {
        known.rewrite(address, Domain::One(number(end.address)));
        known.rewrite(port, Domain::One(u128::from(end.port)));
    }
}
