//! `REJECT`: with which answer.

use crate::{Action, Ends, Family};

use super::Target;

pub(super) const REJECT: Target = Target {
    options: &["--reject-with"],
    read: |_, options, family| {
        let mut answer = default_answer(family);
        for option in options.iter() {
            if option.name != "--reject-with" || option.negated {
                return None;
            }
            answer = canonical(option.value()?, family)?;
        }
        Some(Action::Reject(answer.to_owned()))
    },
    ends: Ends::Unknown,
};

/// What is answered where a rule doesn't say.
pub(in crate::iptables) fn default_answer(family: Family) -> &'static str {
    if family == Family::Ip6 { "icmp6-port-unreachable" } else { "icmp-port-unreachable" }
}

/// The name that iptables-save prints.
fn canonical(name: &str, family: Family) -> Option<&'static str> {
    let names = if family == Family::Ip6 { V6 } else { V4 };
    names.iter().find(|(full, alias)| *full == name || *alias == name).map(|(full, _)| *full)
}

/// Name and alias.
const V4: &[(&str, &str)] = &[
    ("icmp-net-unreachable", "net-unreach"),
    ("icmp-host-unreachable", "host-unreach"),
    ("icmp-proto-unreachable", "proto-unreach"),
    ("icmp-port-unreachable", "port-unreach"),
    ("icmp-net-prohibited", "net-prohib"),
    ("icmp-host-prohibited", "host-prohib"),
    ("tcp-reset", "tcp-rst"),
    ("icmp-admin-prohibited", "admin-prohib"),
];

/// Name and alias.
const V6: &[(&str, &str)] = &[
    ("icmp6-no-route", "no-route"),
    ("icmp6-adm-prohibited", "adm-prohibited"),
    ("icmp6-addr-unreachable", "addr-unreach"),
    ("icmp6-port-unreachable", "port-unreach"),
    ("tcp-reset", "tcp-reset"),
    ("icmp6-policy-fail", "policy-fail"),
    ("icmp6-reject-route", "reject-route"),
];
