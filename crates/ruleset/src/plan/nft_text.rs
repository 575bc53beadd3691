//! What nft would have to be told, for chains of its own that are not edited here.

use crate::ufw::{Direction, Lane, Ports, Verb, Wanted};
use crate::{Chain, Family, Table};

/// `nft insert rule inet filter input handle 7 tcp dport 22 accept`
pub fn command(
    wanted: &Wanted,
    lane: &Lane,
    family: Family,
    table: &Table,
    chain: &Chain,
    index: Option<usize>,
) -> String {
    let place = format!("rule {} {} {}", table.family.as_str(), table.name, chain.name);
    let rule = rule(wanted, lane, family);
    match index {
        None => format!("nft add {place} {rule}"),
        Some(index) => match chain.rules.get(index).and_then(|rule| rule.handle) {
            Some(handle) => format!("nft insert {place} handle {handle} {rule}"),
            None => format!("nft insert {place} index {index} {rule}"),
        },
    }
}

/// The rule in nft's language.
fn rule(wanted: &Wanted, lane: &Lane, family: Family) -> String {
    let mut words = Vec::new();
    if wanted.direction != Direction::Out {
        words.extend(wanted.in_interface.as_ref().map(|name| format!("iifname {}", quoted(name))));
    }
    if wanted.direction != Direction::In {
        words.extend(wanted.out_interface.as_ref().map(|name| format!("oifname {}", quoted(name))));
    }
    let version = if family == Family::Ip6 { "ip6" } else { "ip" };
    words.extend(wanted.source.map(|network| format!("{version} saddr {network}")));
    words.extend(wanted.destination.map(|network| format!("{version} daddr {network}")));
    match lane.protocol {
        Some(protocol @ ("tcp" | "udp")) => {
            let before = words.len();
            words.extend(set(&lane.source_ports).map(|set| format!("{protocol} sport {set}")));
            words.extend(set(&lane.destination_ports).map(|set| format!("{protocol} dport {set}")));
            if words.len() == before {
                words.push(format!("meta l4proto {protocol}"));
            }
        }
        Some(protocol) => words.push(format!("meta l4proto {protocol}")),
        None => {}
    }
    words.push(match wanted.verb {
        Verb::Allow => "accept".to_owned(),
        Verb::Deny => "drop".to_owned(),
        Verb::Reject if lane.protocol == Some("tcp") => "reject with tcp reset".to_owned(),
        Verb::Reject => "reject".to_owned(),
        Verb::Limit => "ct state new limit rate 6/minute accept".to_owned(),
    });
    if let Some(comment) = wanted.comment.as_deref().filter(|text| !text.is_empty()) {
        words.push(format!("comment {}", quoted(comment)));
    }
    words.join(" ")
}

fn quoted(text: &str) -> String {
    let text = match text.strip_suffix('+') {
        Some(start) => format!("{start}*"),
        None => text.to_owned(),
    };
    format!("\"{}\"", text.replace('"', ""))
}

fn set(ports: &Ports) -> Option<String> {
    let one = |(first, last): &(u16, u16)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    match ports.0.as_slice() {
        [] => None,
        [only] => Some(one(only)),
        many => Some(format!("{{ {} }}", many.iter().map(one).collect::<Vec<_>>().join(", "))),
    }
}
