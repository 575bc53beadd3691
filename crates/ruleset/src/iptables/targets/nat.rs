//! `DNAT`, `SNAT`, `MASQUERADE`, `REDIRECT`, `NETMAP`: addresses and ports rewritten.

use std::net::IpAddr;

use crate::iptables::given::Options;
use crate::iptables::value;
use crate::{Action, Ends, Family, Nat};

use super::Target;

pub(super) const DNAT: Target = Target {
    options: &["--to-destination", "--random", "--persistent"],
    read: |_, options, family| Some(Action::Dnat(nat(options, "--to-destination", family)?)),
    ends: Ends::Unknown,
};

pub(super) const SNAT: Target = Target {
    options: &["--to-source", "--random", "--random-fully", "--persistent"],
    read: |_, options, family| Some(Action::Snat(nat(options, "--to-source", family)?)),
    ends: Ends::Unknown,
};

pub(super) const MASQUERADE: Target = Target {
    options: &["--to-ports", "--random", "--random-fully"],
    read: |_, options, family| Some(Action::Masquerade(nat(options, "--to-ports", family)?)),
    ends: Ends::Unknown,
};

pub(super) const REDIRECT: Target = Target {
    options: &["--to-ports", "--random"],
    read: |_, options, family| Some(Action::Redirect(nat(options, "--to-ports", family)?)),
    ends: Ends::Unknown,
};

pub(super) const NETMAP: Target = Target {
    options: &["--to"],
    read: |_, options, family| {
        let mut all = options.iter();
        let to = all.next().filter(|option| option.name == "--to" && !option.negated)?.value()?;
        value::network(to, family)?;
        all.next().is_none().then(|| Action::Netmap(to.to_owned()))
    },
    ends: Ends::Unknown,
};

fn nat(options: Options<'_, '_>, place: &str, family: Family) -> Option<Nat> {
    let mut nat = Nat::default();
    let mut is_placed = false;
    for option in options.iter() {
        if option.name == place && !is_placed && !option.negated {
            is_placed = true;
            let text = option.value()?;
            if place == "--to-ports" {
                nat.ports = Some(port_range(text)?);
            } else {
                (nat.addresses, nat.ports) = target(text, family)?;
            }
        } else if option.is_flag() && option.name != place {
            if !nat.flags.is_empty() {
                nat.flags.push(' ');
            }
            nat.flags.push_str(option.name.trim_start_matches('-'));
        } else {
            return None;
        }
    }
    let needs_place = place != "--to-ports";
    (is_placed || !needs_place).then_some(nat)
}

type Place = (Option<(IpAddr, IpAddr)>, Option<(u16, u16)>);

/// `first-last:port-port`, any part of it; in v6 the addresses stand in brackets if ports follow.
fn target(text: &str, family: Family) -> Option<Place> {
    let (addresses, ports) = match (family, text.strip_prefix('[')) {
        (Family::Ip6, Some(rest)) => {
            let (addresses, ports) = rest.split_once(']')?;
            // `[::1]-[::2]:80` is another way to write `[::1-::2]:80`; iptables prints the latter.
            (addresses, if ports.is_empty() { None } else { Some(ports.strip_prefix(':')?) })
        }
        (Family::Ip6, None) => (text, None),
        _ => match text.split_once(':') {
            None => (text, None),
            Some((addresses, ports)) => (addresses, Some(ports)),
        },
    };
    let addresses = if addresses.is_empty() {
        None
    } else {
        let range = value::address_range(addresses, family)?;
        Some((value::address_of(range.first, family), value::address_of(range.last, family)))
    };
    let ports = match ports {
        None => None,
        Some(ports) => Some(port_range(ports)?),
    };
    (addresses.is_some() || ports.is_some()).then_some((addresses, ports))
}

fn port_range(text: &str) -> Option<(u16, u16)> {
    let range = value::range(text, '-', 65_535)?;
    let first = u16::try_from(range.first).ok()?;
    Some((first, u16::try_from(range.last).ok()?)).filter(|(first, last)| first <= last)
}
