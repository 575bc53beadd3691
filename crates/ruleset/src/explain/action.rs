//! What a rule does, in words.

use crate::{Action, Ends, Nat, SetRef};

/// An action in words, as the end of a sentence: `accepted`, `goes on in chain DOCKER`.
pub(super) fn text(action: &Action) -> String {
    match action {
        Action::Accept => "accepted".to_owned(),
        Action::Drop => "dropped without an answer".to_owned(),
        Action::Reject(with) => format!("rejected, with {} as the answer", answer(with)),
        Action::Return => "goes back to the calling chain (or to the policy)".to_owned(),
        Action::Jump(chain) => format!("goes through chain {chain}"),
        Action::Goto(chain) => format!("goes to chain {chain}, without coming back here"),
        Action::Queue(options) if options.is_empty() => "handed to a program, which decides".to_owned(),
        Action::Queue(options) => format!("handed to a program, which decides ({options})"),
        Action::Log(text) => log(text),
        Action::SetMark { value, mask } => format!("{}, and it goes on", mark("its mark", *value, *mask)),
        Action::SetCtMark { value, mask } => {
            format!("{}, and it goes on", mark("the mark of its connection", *value, *mask))
        }
        Action::SaveMark { .. } => "the packet's mark is saved in its connection, and it goes on".to_owned(),
        Action::RestoreMark { .. } => "takes over the mark of its connection, and goes on".to_owned(),
        Action::Notrack => "not tracked from here on, and goes on".to_owned(),
        Action::Dnat(nat) => format!("sent to {} instead", place(nat)),
        Action::Snat(nat) => format!("sent on as if from {}", place(nat)),
        Action::Masquerade(nat) if nat.ports.is_none() => {
            "sent on as if from this host's own address".to_owned()
        }
        Action::Masquerade(nat) => format!("sent on as if from {} of this host's own address", place(nat)),
        Action::Redirect(nat) if nat.ports.is_none() => "sent to this host itself instead".to_owned(),
        Action::Redirect(nat) => format!("sent to {} of this host itself instead", place(nat)),
        Action::Netmap(network) => format!("its address is moved into {network}, one to one"),
        Action::VerdictMap { map, .. } => {
            let (SetRef::Ipset(name) | SetRef::Nft(name)) = map;
            format!("decided by the map {name}")
        }
        Action::Other { text, ends: Ends::GoesOn } => format!("`{text}` is done, and it goes on"),
        Action::Other { text, ends: Ends::Unknown } => {
            format!("`{text}` decides: what that does can't be told from the rule")
        }
    }
}

fn answer(with: &str) -> &str {
    match with {
        "tcp-reset" => "a TCP reset",
        "icmp-port-unreachable" | "icmp6-port-unreachable" => "\"port unreachable\"",
        "icmp-host-unreachable" => "\"host unreachable\"",
        "icmp-net-unreachable" => "\"network unreachable\"",
        "icmp6-addr-unreachable" => "\"address unreachable\"",
        "icmp6-no-route" => "\"no route\"",
        "icmp-admin-prohibited" | "icmp6-adm-prohibited" => "\"prohibited by the administrator\"",
        other => other,
    }
}

/// `LOG --log-prefix "[UFW BLOCK] "`
fn log(text: &str) -> String {
    if text == "TRACE" || text.starts_with("TRACE ") {
        return "its way through the rules is traced, and it goes on".to_owned();
    }
    let prefix = text.split_once("prefix ").map(|(_, rest)| match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map_or(quoted, |(prefix, _)| prefix),
        None => rest.split(' ').next().unwrap_or(rest),
    });
    match prefix {
        Some(prefix) => format!("logged as \"{}\", and goes on", prefix.trim_end()),
        None => "logged, and goes on".to_owned(),
    }
}

fn mark(which: &str, value: u32, mask: u32) -> String {
    match (value, mask) {
        (value, u32::MAX) => format!("{which} becomes {value:#x}"),
        (0, mask) => format!("the bits {mask:#x} of {which} are cleared"),
        (value, mask) if value == mask => format!("the bits {value:#x} of {which} are set"),
        (value, 0) => format!("the bits {value:#x} of {which} are turned over"),
        (value, mask) => format!("the bits {mask:#x} of {which} become {value:#x}"),
    }
}

/// `port 80 of 10.0.0.1`, or whatever of it is given.
fn place(nat: &Nat) -> String {
    let address = nat.addresses.map(|(first, last)| {
        if first == last { first.to_string() } else { format!("one of {first} to {last}") }
    });
    let ports = nat.ports.map(|(first, last)| {
        if first == last { format!("port {first}") } else { format!("one of the ports {first} to {last}") }
    });
    match (address, ports) {
        (Some(address), Some(ports)) => format!("{ports} of {address}"),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => "an address that the kernel chooses".to_owned(),
    }
}
