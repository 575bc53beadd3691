//! The plain rules that say what was asked, as iptables-save prints them.

use crate::Family;
use crate::ufw::{Direction, Lane, Log, Ports, Verb, Wanted};

/// Longest name of a recent list.
const LONGEST_LIST: usize = 60;

/// Texts of rules, in their order, for one lane of one family.
pub fn texts(wanted: &Wanted, lane: &Lane, family: Family) -> Vec<String> {
    let matches = matches(wanted, lane);
    with_verb(wanted, lane, family, &matches)
}

/// The same for a port that is translated on its way: looked up by the port that was asked for first.
pub fn translated_texts(wanted: &Wanted, lane: &Lane, family: Family) -> Vec<String> {
    let ranges: &[(u16, u16)] = &lane.destination_ports.0;
    let all = [(0, 0)];
    let ranges = if ranges.is_empty() { &all[..] } else { ranges };
    let mut texts = Vec::new();
    for &(first, last) in ranges {
        let mut words = ends(wanted, false);
        if let Some(protocol) = lane.protocol {
            words.push(format!("-p {protocol}"));
        }
        words.extend(ports("--sport", "--sports", lane.protocol, &lane.source_ports));
        let mut lookup = "-m conntrack --ctstate DNAT".to_owned();
        if let Some(to) = wanted.destination {
            let text = to.to_string();
            let text = if to.prefix() == Some(32) || to.prefix() == Some(128) {
                text.split('/').next().unwrap_or_default().to_owned()
            } else {
                text
            };
            lookup.push_str(&format!(" --ctorigdst {text}"));
        }
        if first != 0 {
            let one = Ports(vec![(first, last)]).text();
            lookup.push_str(&format!(" --ctorigdstport {one}"));
        }
        words.push(lookup);
        texts.extend(with_verb(wanted, lane, family, &words));
    }
    texts
}

fn with_verb(wanted: &Wanted, lane: &Lane, family: Family, matches: &[String]) -> Vec<String> {
    let mut texts = Vec::new();
    let comment = wanted.comment.as_deref().filter(|text| !text.is_empty()).map(comment);
    let rule = |more: &str, target: &str| {
        let own = [more, comment.as_deref().unwrap_or_default(), target];
        let words = matches.iter().map(String::as_str).chain(own).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    };
    if wanted.log != Log::None {
        let word = match wanted.verb {
            Verb::Allow => "ALLOW",
            Verb::Limit => "LIMIT",
            Verb::Deny | Verb::Reject => "BLOCK",
        };
        let state = if wanted.log == Log::New { "-m conntrack --ctstate NEW " } else { "" };
        let limit = "-m limit --limit 3/min --limit-burst 10";
        texts.push(rule(&format!("{state}{limit}"), &format!("-j LOG --log-prefix \"[FW {word}] \"")));
    }
    match wanted.verb {
        Verb::Allow => texts.push(rule("", "-j ACCEPT")),
        Verb::Deny => texts.push(rule("", "-j DROP")),
        Verb::Reject => texts.push(rule("", &reject(lane, family))),
        Verb::Limit => {
            let list = format!("--name {} --mask {} --rsource", list_name(wanted, lane), full_mask(family));
            let new = "-m conntrack --ctstate NEW";
            texts.push(rule(&format!("{new} -m recent --set {list}"), ""));
            let often = format!("{new} -m recent --update --seconds 30 --hitcount 6 {list}");
            texts.push(rule(&often, &reject_plainly(family)));
            texts.push(rule("", "-j ACCEPT"));
        }
    }
    texts
}

fn matches(wanted: &Wanted, lane: &Lane) -> Vec<String> {
    let mut words = ends(wanted, true);
    let Some(protocol) = lane.protocol else { return words };
    words.push(format!("-p {protocol}"));
    let (from, to) = (&lane.source_ports, &lane.destination_ports);
    let is_plain = |ports: &Ports| ports.0.len() == 1;
    if is_plain(from) && is_plain(to) {
        words.push(format!("-m {protocol} --sport {} --dport {}", from.text(), to.text()));
        return words;
    }
    words.extend(ports("--sport", "--sports", lane.protocol, from));
    words.extend(ports("--dport", "--dports", lane.protocol, to));
    words
}

/// `-s`, `-d`, `-i`, `-o`, in the order of iptables-save.
fn ends(wanted: &Wanted, with_destination: bool) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(wanted.source.map(|network| format!("-s {network}")));
    words.extend(wanted.destination.filter(|_| with_destination).map(|network| format!("-d {network}")));
    if wanted.direction != Direction::Out {
        words.extend(wanted.in_interface.as_ref().map(|name| format!("-i {name}")));
    }
    if wanted.direction != Direction::In {
        words.extend(wanted.out_interface.as_ref().map(|name| format!("-o {name}")));
    }
    words
}

fn ports(one: &str, many: &str, protocol: Option<&str>, ports: &Ports) -> Option<String> {
    let protocol = protocol?;
    match ports.0.len() {
        0 => None,
        1 => Some(format!("-m {protocol} {one} {}", ports.text())),
        _ => Some(format!("-m multiport {many} {}", ports.text())),
    }
}

fn reject(lane: &Lane, family: Family) -> String {
    match lane.protocol {
        Some("tcp") => "-j REJECT --reject-with tcp-reset".to_owned(),
        _ => reject_plainly(family),
    }
}

fn reject_plainly(family: Family) -> String {
    let answer = if family == Family::Ip6 { "icmp6-port-unreachable" } else { "icmp-port-unreachable" };
    format!("-j REJECT --reject-with {answer}")
}

fn full_mask(family: Family) -> &'static str {
    match family {
        Family::Ip6 => "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        _ => "255.255.255.255",
    }
}

/// A list of its own for each rule: ufw's rules share one, and count each other's visitors.
fn list_name(wanted: &Wanted, lane: &Lane) -> String {
    let way = match wanted.direction {
        Direction::In => "limit",
        Direction::Out => "limit-out",
        Direction::Routed => "limit-routed",
    };
    let mut parts = vec![way.to_owned()];
    parts.extend(lane.protocol.map(str::to_owned));
    if !lane.destination_ports.0.is_empty() {
        parts.push(lane.destination_ports.text().replace([',', ':'], "-"));
    }
    let mut name = parts.join("-");
    name.truncate(LONGEST_LIST);
    name
}

/// `-m comment --comment ...`, quoted as iptables-save does.
fn comment(text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if is_plain {
        return format!("-m comment --comment {text}");
    }
    let mut quoted = String::new();
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '\'') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    format!("-m comment --comment \"{quoted}\"")
}
