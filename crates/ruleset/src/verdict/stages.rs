//! From base chain to base chain and from hook to hook, with the routing decision between them.

use super::answer::Verdict;
use super::ask::Reply;
use super::case::{Case, state};
use super::domain::Domain;
use super::index::Station;
use super::known::number;
use super::walk::{Finished, Walk, begin};
use crate::routing::{AddressKind, Way};
use crate::{ChainKind, Field, Hook, Values};

/// Connection tracking stands here in prerouting and output.
const TRACKING: i32 = -200;

impl Walk<'_, '_> {
    /// Goes on to the next base chain; `false`: this way has ended.
    pub fn next_station(&mut self, holder: &mut Option<Case>) -> bool {
        let Some(case) = holder.as_mut() else { return false };
        case.base = None;
        let stations = self.judge.stations(case.version, case.hook);
        let Some(station) = stations.get(case.station) else {
            return self.next_hook(holder);
        };
        case.station += 1;
        let Station::Chain(chain) = *station else {
            case.end_translation();
            return true;
        };
        let Some(base) = self.judge.base(chain) else { return true };
        if base.kind == ChainKind::Nat && !case.is_to_be_translated() {
            return true;
        }
        let is_first = matches!(case.hook, Hook::Prerouting | Hook::Output);
        let has_come_from_here =
            case.hook == Hook::Prerouting && case.known.name(Field::InInterface) == Some("lo");
        case.is_before_tracking = is_first && base.priority < TRACKING && !has_come_from_here;
        begin(case, chain);
        true
    }

    fn next_hook(&mut self, holder: &mut Option<Case>) -> bool {
        let Some(case) = holder.as_mut() else { return false };
        case.is_before_tracking = false;
        match case.hook {
            Hook::Prerouting => return self.route(holder),
            Hook::Forward | Hook::Output => {
                if case.hook == Hook::Output {
                    self.route_again(case);
                }
                enter(case, Hook::Postrouting);
            }
            _ => {
                if let Some(case) = holder.take() {
                    self.finished.push(Finished { verdict: Verdict::Accept, by: None, case });
                }
                return false;
            }
        }
        true
    }

    /// To this host, or on to another one?
    fn route(&mut self, holder: &mut Option<Case>) -> bool {
        let Some(case) = holder.as_mut() else { return false };
        let reply = match self.question.packet.hook {
            Hook::Input if !case.has_new_destination => Reply::Yes,
            Hook::Forward if !case.has_new_destination => Reply::No,
            _ => self.is_for_here(case),
        };
        match reply {
            Reply::Yes => {
                enter(case, Hook::Input);
                true
            }
            Reply::No => self.enter_forward(holder),
            Reply::Unsure(branches) => {
                let Some(case) = holder.take() else { return false };
                for branch in branches.into_iter().rev() {
                    let mut case = case.clone();
                    case.suppose(branch.text, None);
                    case.learn(branch.change);
                    self.open.push_back(case);
                }
                false
            }
        }
    }

    fn is_for_here(&self, case: &mut Case) -> Reply {
        if self.judge.routes.is_known() {
            let here = self.judge.routes.addresses(case.version, |kind| kind != AddressKind::Unicast);
            return case.ask_split(Field::Destination, &here);
        }
        let address = case.known.address(Field::Destination, case.version);
        if let Some(kind) = address.and_then(AddressKind::without_host) {
            return Reply::of(kind != AddressKind::Unicast);
        }
        if case.known.number(Field::DestinationType) == Some(AddressKind::Unicast.bit()) {
            case.assume("the addresses of the host are not known: the translated destination was taken as another host");
        }
        case.ask_split(Field::DestinationType, &Values::one(AddressKind::Local.bit()))
    }

    fn enter_forward(&mut self, holder: &mut Option<Case>) -> bool {
        let Some(case) = holder.as_mut() else { return false };
        if self.judge.routes.is_known() && !self.judge.routes.forwards(case.version) {
            case.assume(if case.version == 6 {
                "net.ipv6.conf.all.forwarding is 0: whatever the rules say, this host hands no IPv6 packets on"
            } else {
                "net.ipv4.ip_forward is 0: whatever the rules say, this host hands no IPv4 packets on"
            });
        }
        if matches!(case.known.of(Field::Ttl), Domain::One(0 | 1)) {
            case.assume("its TTL ends here: the kernel drops it before it looks at chain forward");
            if let Some(case) = holder.take() {
                self.finished.push(Finished { verdict: Verdict::Drop, by: None, case });
            }
            return false;
        }
        let ttl = case.known.of(Field::Ttl).map(|ttl| ttl.saturating_sub(1));
        case.rewrite(Field::Ttl, ttl);
        if case.known.name(Field::OutInterface) == Some("") {
            let out = self.out_interface(case);
            case.known.rewrite(Field::OutInterface, out);
        }
        enter(case, Hook::Forward);
        true
    }

    /// The interface by which it goes out: as asked, else by the routes, else unknown.
    pub fn out_interface(&self, case: &mut Case) -> Domain {
        if let Some(name) = &self.question.packet.out_interface {
            return Domain::name(name);
        }
        let to = case.known.address(Field::Destination, case.version);
        let (true, Some(to)) = (self.judge.routes.is_known(), to) else { return Domain::some_name() };
        let from = case.known.address(Field::Source, case.version);
        let mark = case.known.number(Field::Mark).and_then(|mark| u32::try_from(mark).ok());
        let incoming = case.known.name(Field::InInterface).map(str::to_owned);
        match self.judge.routes.way(to, from, mark, incoming.as_deref()) {
            Way::Here => Domain::name("lo"),
            Way::Out(names) if names.len() == 1 => Domain::name(&names[0]),
            Way::Out(_) => Domain::some_name(),
            Way::Nowhere(why) => {
                case.assume(format!("routing of {to}: {why}"));
                Domain::some_name()
            }
            Way::Unknown(why) => {
                case.assume(format!("routing of {to}: {why}, so the output interface is not known"));
                Domain::some_name()
            }
        }
    }

    /// Own packets are routed again if their destination or mark was changed.
    fn route_again(&mut self, case: &mut Case) {
        let has_new_mark = case.routed_mark != case.known.number(Field::Mark);
        let is_routed_by_mark = has_new_mark && self.judge.routes.is_known();
        if !case.has_new_destination && !is_routed_by_mark {
            return;
        }
        let out = match self.is_for_here(case) {
            Reply::Yes => Domain::name("lo"),
            Reply::No => self.out_interface(case),
            Reply::Unsure(_) => Domain::some_name(),
        };
        case.known.rewrite(Field::OutInterface, out);
    }
}

fn enter(case: &mut Case, hook: Hook) {
    case.hook = hook;
    case.station = 0;
    if hook == Hook::Input {
        case.known.rewrite(Field::OutInterface, Domain::name(""));
    }
    case.is_destination_done |= !matches!(hook, Hook::Prerouting | Hook::Output);
}

impl Case {
    /// Does this hook rewrite destinations (else sources)?
    pub(super) fn is_at_destination(&self) -> bool {
        matches!(self.hook, Hook::Prerouting | Hook::Output)
    }

    fn is_to_be_translated(&self) -> bool {
        let is_done = if self.is_at_destination() { self.is_destination_done } else { self.is_source_done };
        if is_done || !self.tracking.is_translated_anew || self.tracking.is_excluded {
            return false;
        }
        // Errors by ICMP are translated as the connection that they are about.
        let is_icmp = matches!(self.known.of(Field::Protocol).number(), Some(1 | 58));
        match self.tracking.state {
            state::NEW | state::ESTABLISHED => true,
            state::RELATED => !is_icmp,
            _ => false,
        }
    }

    /// What is known of the flow's translation is applied; no nat chain is asked any more.
    fn end_translation(&mut self) {
        let is_destination = self.is_at_destination();
        let (field, port_field) = if is_destination {
            self.is_destination_done = true;
            (Field::Destination, Field::DestinationPort)
        } else {
            self.is_source_done = true;
            (Field::Source, Field::SourcePort)
        };
        let Some((destination, source)) = self.tracking.becomes.filter(|_| self.is_tracked()) else { return };
        let to = if is_destination { destination } else { source };
        if self.known.number(field) != Some(number(to.address)) {
            self.rewrite(field, Domain::One(number(to.address)));
            self.has_new_destination |= is_destination;
            if is_destination {
                self.known.rewrite(Field::DestinationType, Domain::One(AddressKind::Unicast.bit()));
            }
        }
        let has_port = self.known.number(port_field).is_some();
        if has_port && self.known.number(port_field) != Some(u128::from(to.port)) {
            self.rewrite(port_field, Domain::One(u128::from(to.port)));
        }
    }
}
