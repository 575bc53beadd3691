//! Translation of addresses by the first packet of a flow.

use super::case::{Case, Place, status};
use super::domain::Domain;
use super::known::{address, all_of, between, number};
use super::walk::Walk;
use crate::routing::AddressKind;
use crate::{Action, Field, Hook, Nat, Range};

impl Walk<'_, '_> {
    /// Rewrites destination or source as the action says.
    pub fn translate(&mut self, case: &mut Case, place: Place, action: &Action) {
        let is_destination = case.is_at_destination();
        let (target, nat) = match action {
            Action::Dnat(nat) | Action::Snat(nat) => {
                (nat.addresses.map(|(first, last)| between(first, last)), nat.clone())
            }
            Action::Redirect(nat) => (Some(self.own_address(case)), nat.clone()),
            Action::Masquerade(nat) => (Some(self.address_for_out(case)), nat.clone()),
            Action::Netmap(text) => (netmap(case, text, is_destination), Nat::default()),
            _ => return,
        };
        let is_redirect = matches!(action, Action::Redirect(_));
        let effect = if is_destination {
            case.new_destination(target, &nat, is_redirect)
        } else {
            case.new_source(target, &nat)
        };
        case.visit(place, effect);
    }

    /// The own address to which REDIRECT sends: of the interface it came in by, or loopback for own packets.
    fn own_address(&self, case: &mut Case) -> Domain {
        if case.hook == Hook::Output {
            return Domain::One(if case.version == 6 { 1 } else { 0x7f00_0001 });
        }
        let interface = case.known.name(Field::InInterface).map(str::to_owned);
        let own =
            interface.map(|name| self.judge.routes.addresses_of(&name, case.version)).unwrap_or_default();
        match own.first() {
            Some(first) => Domain::One(number(*first)),
            None => Domain::bits(all_of(case.version)),
        }
    }

    /// The own address that MASQUERADE takes: of the interface it goes out by.
    fn address_for_out(&self, case: &mut Case) -> Domain {
        let interface = case.known.name(Field::OutInterface).map(str::to_owned);
        let own =
            interface.map(|name| self.judge.routes.addresses_of(&name, case.version)).unwrap_or_default();
        match own.as_slice() {
            [one] => Domain::One(number(*one)),
            _ => Domain::bits(all_of(case.version)),
        }
    }
}

impl Case {
    fn new_destination(&mut self, target: Option<Domain>, nat: &Nat, is_redirect: bool) -> String {
        self.is_destination_done = true;
        let mut is_changed = false;
        if let Some(target) = target
            && target != *self.known.of(Field::Destination)
        {
            // Without the host's addresses: the one that was taken as local stays so, any other is another host.
            let kind = if is_redirect { AddressKind::Local } else { AddressKind::Unicast };
            self.known.rewrite(Field::DestinationType, Domain::One(kind.bit()));
            self.rewrite(Field::Destination, target);
            self.known.same(Field::CtReplySource, Field::Destination);
            self.has_new_destination = true;
            is_changed = true;
        }
        if let Some(ports) = ports(nat)
            && ports != *self.known.of(Field::DestinationPort)
            && self.has_ports()
        {
            self.rewrite(Field::DestinationPort, ports);
            self.known.same(Field::CtReplySourcePort, Field::DestinationPort);
            is_changed = true;
        }
        if is_changed {
            self.tracking.status |= status::DESTINATION_CHANGED;
        }
        format!("destination becomes {}", self.text_of(Field::Destination, Field::DestinationPort))
    }

    fn new_source(&mut self, target: Option<Domain>, nat: &Nat) -> String {
        self.is_source_done = true;
        let mut is_changed = false;
        if let Some(target) = target
            && target != *self.known.of(Field::Source)
        {
            self.rewrite(Field::Source, target);
            self.known.same(Field::CtReplyDestination, Field::Source);
            is_changed = true;
        }
        if let Some(ports) = ports(nat)
            && ports != *self.known.of(Field::SourcePort)
            && self.has_ports()
        {
            self.rewrite(Field::SourcePort, ports);
            self.known.same(Field::CtReplyDestinationPort, Field::SourcePort);
            is_changed = true;
        }
        if is_changed {
            self.tracking.status |= status::SOURCE_CHANGED;
        }
        format!("source becomes {}", self.text_of(Field::Source, Field::SourcePort))
    }

    fn has_ports(&self) -> bool {
        !matches!(self.known.of(Field::Protocol).number(), Some(number) if !matches!(number, 6 | 17 | 33 | 132 | 136))
    }

    fn text_of(&self, field: Field, port: Field) -> String {
        let host = match self.known.of(field) {
            Domain::One(one) => address(*one, self.version).to_string(),
            Domain::Any(ranges) if ranges.len() == 1 && ranges[0].first > 0 => {
                let [first, last] = [ranges[0].first, ranges[0].last].map(|one| address(one, self.version));
                format!("one of {first}-{last}")
            }
            _ if field == Field::Destination => "an address of this host".to_owned(),
            _ => "the address of the output interface".to_owned(),
        };
        match self.known.of(port).number().filter(|_| self.has_ports()) {
            Some(port) if host.contains(':') => format!("[{host}]:{port}"),
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }
}

fn ports(nat: &Nat) -> Option<Domain> {
    let (first, last) = nat.ports?;
    Domain::of([Range { first: first.into(), last: last.into() }])
}

/// The network part is replaced, the rest stays.
fn netmap(case: &Case, text: &str, is_destination: bool) -> Option<Domain> {
    let field = if is_destination { Field::Destination } else { Field::Source };
    let width = all_of(case.version);
    let network = text.split_whitespace().find(|word| word.contains(['.', ':']))?;
    let (base, prefix) = match network.split_once('/') {
        Some((base, prefix)) => (base, prefix.parse::<u32>().ok()?),
        None => (network, width),
    };
    let base = number(base.parse().ok()?);
    let hosts = if prefix == 0 {
        super::domain::all_ones(width)
    } else {
        super::domain::all_ones(width - prefix.min(width))
    };
    match case.known.number(field) {
        Some(old) => Some(Domain::One((base & !hosts) | (old & hosts))),
        None => Domain::of([Range { first: base & !hosts, last: base | hosts }]),
    }
}
