//! Actions as `-j TARGET options`.

use std::net::IpAddr;

use crate::iptables::value::address_text;
use crate::{Action, Family, Nat};

/// The end of a rule's text. `None`: iptables has no such target.
pub(super) fn text(action: &Action, family: Family) -> Option<String> {
    Some(match action {
        Action::Accept => "-j ACCEPT".to_owned(),
        Action::Drop => "-j DROP".to_owned(),
        Action::Reject(with) => format!("-j REJECT --reject-with {with}"),
        Action::Return => "-j RETURN".to_owned(),
        Action::Jump(chain) => format!("-j {chain}"),
        Action::Goto(chain) => format!("-g {chain}"),
        Action::Queue(options) if options.is_empty() => "-j QUEUE".to_owned(),
        Action::Queue(options) => format!("-j NFQUEUE {options}"),
        Action::Log(text) | Action::Other { text, .. } => format!("-j {text}"),
        Action::SetMark { value, mask } => format!("-j MARK --set-xmark {value:#x}/{mask:#x}"),
        Action::SetCtMark { value, mask } => format!("-j CONNMARK --set-xmark {value:#x}/{mask:#x}"),
        Action::SaveMark { mask, ct_mask } => {
            format!("-j CONNMARK --save-mark --nfmask {mask:#x} --ctmask {ct_mask:#x}")
        }
        Action::RestoreMark { mask, ct_mask } => {
            format!("-j CONNMARK --restore-mark --nfmask {mask:#x} --ctmask {ct_mask:#x}")
        }
        Action::Notrack => "-j CT --notrack".to_owned(),
        Action::Dnat(nat) => format!("-j DNAT --to-destination {}{}", place(nat, family)?, flags(nat)),
        Action::Snat(nat) => format!("-j SNAT --to-source {}{}", place(nat, family)?, flags(nat)),
        Action::Masquerade(nat) => format!("-j MASQUERADE{}{}", to_ports(nat), flags(nat)),
        Action::Redirect(nat) => format!("-j REDIRECT{}{}", to_ports(nat), flags(nat)),
        Action::Netmap(network) => format!("-j NETMAP --to {network}"),
        Action::VerdictMap { .. } => return None,
    })
}

/// `first-last:port-port`, as far as it is given.
fn place(nat: &Nat, family: Family) -> Option<String> {
    let text = |address: IpAddr| match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => address_text(address.into(), Family::Ip6),
    };
    let addresses = nat.addresses.map(|(first, last)| {
        if first == last { text(first) } else { format!("{}-{}", text(first), text(last)) }
    });
    if nat.addresses.is_some_and(|(first, _)| matches!(first, IpAddr::V6(_)) != (family == Family::Ip6)) {
        return None;
    }
    let ports = nat.ports.map(range);
    Some(match (addresses, ports) {
        (None, None) => return None,
        (Some(addresses), None) => addresses,
        (Some(addresses), Some(ports)) if family == Family::Ip6 => format!("[{addresses}]:{ports}"),
        (Some(addresses), Some(ports)) => format!("{addresses}:{ports}"),
        (None, Some(ports)) => format!(":{ports}"),
    })
}

fn range((first, last): (u16, u16)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

fn to_ports(nat: &Nat) -> String {
    nat.ports.map_or(String::new(), |ports| format!(" --to-ports {}", range(ports)))
}

fn flags(nat: &Nat) -> String {
    nat.flags.split_ascii_whitespace().map(|flag| format!(" --{flag}")).collect()
}
