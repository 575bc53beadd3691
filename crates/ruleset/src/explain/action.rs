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
        Action::SetMark { value, mask } => format!("{}, and goes on", mark("the packet", *value, *mask)),
        Action::SetCtMark { value, mask } => {
            format!("{}, and goes on", mark("the connection", *value, *mask))
        }
        Action::SaveMark { .. } => "the packet's mark is saved in its connection, and it goes on".to_owned(),
        Action::RestoreMark { .. } => "takes over the mark of its connection, and goes on".to_owned(),
        Action::Notrack => "not tracked from here on, and goes on".to_owned(),
        Action::Dnat(nat) => format!("sent to {} instead", place(nat, "the same address")),
        Action::Snat(nat) => format!("sent on under the source address {}", place(nat, "it has")),
        Action::Masquerade(nat) => match nat.ports {
            None => "sent on under this host's own address".to_owned(),
            Some(_) => format!("sent on under this host's own address, {}", place(nat, "")),
        },
        Action::Redirect(nat) => match nat.ports {
            None => "sent to this host itself instead".to_owned(),
            Some(_) => format!("sent to this host's own {} instead", place(nat, "")),
        },
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
    let prefix = text.split_once("-prefix ").map(|(_, rest)| match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map_or(quoted, |(prefix, _)| prefix),
        None => rest.split(' ').next().unwrap_or(rest),
    });
    match prefix {
        Some(prefix) => format!("logged as \"{}\", and goes on", prefix.trim_end()),
        None => "logged, and goes on".to_owned(),
    }
}

fn mark(whose: &str, value: u32, mask: u32) -> String {
    match (value, mask) {
        (value, u32::MAX) => format!("{whose} is marked {value:#x}"),
        (0, mask) => format!("the bits {mask:#x} of {whose}'s mark are cleared"),
        (value, mask) if value == mask => format!("the bits {value:#x} of {whose}'s mark are set"),
        (value, 0) => format!("the bits {value:#x} of {whose}'s mark are turned over"),
        (value, mask) => format!("{whose}'s mark becomes {value:#x} under the mask {mask:#x}"),
    }
}

fn place(nat: &Nat, no_address: &str) -> String {
    let address = match nat.addresses {
        None => no_address.to_owned(),
        Some((first, last)) if first == last => first.to_string(),
        Some((first, last)) => format!("one of {first} to {last}"),
    };
    let ports = match nat.ports {
        None => return address,
        Some((first, last)) if first == last => format!("port {first}"),
        Some((first, last)) => format!("one of the ports {first} to {last}"),
    };
    if address.is_empty() { ports } else { format!("{address} {ports}") }
}
