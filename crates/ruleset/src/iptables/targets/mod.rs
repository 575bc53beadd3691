//! The targets of iptables, one file for each kind: which options they know and what they do.
//!
//! A target that isn't understood is kept as text, and whatever comes after it can't be told ([`Ends::Unknown`]),
//! unless it is known to let every packet go on.

mod ct;
mod log;
mod mark;
mod nat;
mod queue;
mod reject;
mod verdict;

use crate::{Action, Ends, Family};

use super::given::Options;

/// A target that is known.
struct Target {
    /// Options that it knows; empty where they need no understanding.
    options: &'static [&'static str],
    /// What it does. `None`: something in it isn't understood.
    read: fn(&str, Options<'_, '_>, Family) -> Option<Action>,
    /// What is left to say if it isn't understood.
    ends: Ends,
}

/// The target of this name.
fn find(name: &str) -> Option<&'static Target> {
    Some(match name {
        "ACCEPT" => &verdict::ACCEPT,
        "DROP" => &verdict::DROP,
        "RETURN" => &verdict::RETURN,
        "REJECT" => &reject::REJECT,
        "QUEUE" => &queue::QUEUE,
        "NFQUEUE" => &queue::NFQUEUE,
        "LOG" | "NFLOG" | "ULOG" | "TRACE" | "AUDIT" => &log::LOG,
        "MARK" => &mark::MARK,
        "CONNMARK" => &mark::CONNMARK,
        "CT" => &ct::CT,
        "NOTRACK" => &ct::NOTRACK,
        "DNAT" => &nat::DNAT,
        "SNAT" => &nat::SNAT,
        "MASQUERADE" => &nat::MASQUERADE,
        "REDIRECT" => &nat::REDIRECT,
        "NETMAP" => &nat::NETMAP,
        "TCPMSS" | "CLASSIFY" | "DSCP" | "TOS" | "TTL" | "HL" | "ECN" | "CHECKSUM" | "SECMARK"
        | "CONNSECMARK" | "IDLETIMER" | "LED" | "RATEEST" | "TCPOPTSTRIP" | "TEE" | "SET" => &GOES_ON,
        "TPROXY" | "HMARK" | "SYNPROXY" | "CLUSTERIP" | "DNPT" | "SNPT" => &UNKNOWN,
        _ => return None,
    })
}

/// Changes something that no verdict looks at, or sends a copy; the next rule is asked.
const GOES_ON: Target = Target { options: &[], read: |_, _, _| None, ends: Ends::GoesOn };

/// Known by name, but what it decides can't be told from the rule.
const UNKNOWN: Target = Target { options: &[], read: |_, _, _| None, ends: Ends::Unknown };

/// Does the target of this name know this option?
pub(super) fn knows(name: &str, option: &str) -> bool {
    find(name).is_some_and(|found| found.options.contains(&option))
}

/// What a target does. A name that isn't one is taken for a chain if it has no options.
pub(super) fn read(name: &str, options: Options<'_, '_>, family: Family) -> Action {
    let found = find(name);
    if let Some(action) = found.and_then(|target| (target.read)(name, options, family)) {
        return action;
    }
    let text = written(name, options);
    match found {
        Some(target) => Action::Other { text, ends: target.ends },
        None if text == name => Action::Jump(text),
        None => Action::Other { text, ends: Ends::Unknown },
    }
}

/// The target with its options, as text.
fn written(name: &str, options: Options<'_, '_>) -> String {
    let options = options.text();
    if options.is_empty() { name.to_owned() } else { format!("{name} {options}") }
}
