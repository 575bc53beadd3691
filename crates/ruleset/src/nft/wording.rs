//! nft's words for what rules do.

use std::net::IpAddr;

use super::expression::Expression;
use crate::{Family, Nat};

/// `limit rate over 5/minute burst 5 packets`.
pub fn limit(rate: u64, unit: u64, burst: u32, is_bytes: bool, is_over: bool) -> String {
    let over = if is_over { "over " } else { "" };
    let unit = match unit {
        1 => "second",
        60 => "minute",
        3_600 => "hour",
        86_400 => "day",
        _ => "week",
    };
    if is_bytes {
        let (rate, size) = bytes(rate);
        let burst = match burst {
            0 => String::new(),
            burst => {
                let (burst, size) = bytes(burst.into());
                format!(" burst {burst} {size}")
            }
        };
        return format!("limit rate {over}{rate} {size}/{unit}{burst}");
    }
    // Five at once is what nft takes where nothing is said.
    let burst = if matches!(burst, 0 | 5) { String::new() } else { format!(" burst {burst} packets") };
    format!("limit rate {over}{rate}/{unit}{burst}")
}

fn bytes(count: u64) -> (u64, &'static str) {
    match count {
        0 => (0, "bytes"),
        _ if count.is_multiple_of(1 << 20) => (count >> 20, "mbytes"),
        _ if count.is_multiple_of(1 << 10) => (count >> 10, "kbytes"),
        _ => (count, "bytes"),
    }
}

/// `quota over 25 mbytes used 3 bytes`.
pub fn quota(limit: u64, is_over: bool, consumed: u64) -> String {
    let over = if is_over { "over " } else { "" };
    let (count, size) = bytes(limit);
    let used = match consumed {
        0 => String::new(),
        used => {
            let (used, size) = bytes(used);
            format!(" used {used} {size}")
        }
    };
    format!("quota {over}{count} {size}{used}")
}

/// `log prefix "x" level info`.
pub fn log(expression: &Expression<'_>) -> String {
    let Expression::Log { prefix, group, length, threshold, level, flags } = expression else {
        return "log".to_owned();
    };
    let mut text = String::from("log");
    if let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty()) {
        text.push_str(&format!(" prefix \"{}\"", crate::iptables::from_bytes(prefix)));
    }
    if let Some(group) = group {
        text.push_str(&format!(" group {group}"));
    }
    if let Some(length) = length.filter(|length| *length > 0) {
        text.push_str(&format!(" snaplen {length}"));
    }
    if let Some(threshold) = threshold.filter(|threshold| *threshold > 0) {
        text.push_str(&format!(" queue-threshold {threshold}"));
    }
    const LEVELS: [&str; 9] = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug", "audit"];
    if let Some(level) = level.filter(|level| *level != 4)
        && let Some(name) = LEVELS.get(usize::try_from(level).unwrap_or(usize::MAX))
    {
        text.push_str(&format!(" level {name}"));
    }
    let names = [(1, "tcp sequence"), (2, "tcp options"), (4, "ip options"), (8, "skuid"), (0x20, "ether")];
    match flags {
        0x2f => text.push_str(" flags all"),
        flags => {
            for (_, name) in names.iter().filter(|(bit, _)| flags & bit != 0) {
                text.push_str(&format!(" flags {name}"));
            }
        }
    }
    text
}

/// `1h30m`.
pub fn duration(milliseconds: u64) -> String {
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let mut rest = milliseconds;
    let mut text = String::new();
    for (unit, length) in units {
        if rest >= length {
            text.push_str(&format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// What is kept for each element of a set.
pub fn stateful(expression: &Expression<'_>) -> String {
    match expression {
        Expression::Limit { rate, unit, burst, is_bytes, negated } => {
            limit(*rate, *unit, *burst, *is_bytes, *negated)
        }
        Expression::Quota { bytes, negated, consumed } => quota(*bytes, *negated, *consumed),
        Expression::Connlimit { count, negated } => {
            format!("ct count {}{count}", if *negated { "over " } else { "" })
        }
        Expression::Counter { .. } => "counter".to_owned(),
        other => unknown(other),
    }
}

/// The statement, and its name in iptables' words.
pub fn reject(kind: u32, code: u8, family: Family, version: Option<u8>) -> (String, String) {
    const V4: [&str; 14] = [
        "net-unreachable",
        "host-unreachable",
        "prot-unreachable",
        "port-unreachable",
        "frag-needed",
        "",
        "",
        "",
        "",
        "net-prohibited",
        "host-prohibited",
        "",
        "",
        "admin-prohibited",
    ];
    const V6: [&str; 7] = [
        "no-route",
        "admin-prohibited",
        "",
        "addr-unreachable",
        "port-unreachable",
        "policy-fail",
        "reject-route",
    ];
    const ANY: [&str; 4] = ["no-route", "port-unreachable", "host-unreachable", "admin-prohibited"];
    let (prefix, names, usual): (&str, &[&str], u8) = match (kind, version) {
        (1, _) => return ("reject with tcp reset".to_owned(), "tcp-reset".to_owned()),
        (2, _) => ("icmpx", &ANY, 1),
        (_, Some(6)) => ("icmpv6", &V6, 4),
        _ => ("icmp", &V4, 3),
    };
    let name = names.get(usize::from(code)).filter(|name| !name.is_empty());
    let name = name.map_or_else(|| code.to_string(), |name| (*name).to_owned());
    let is_usual = code == usual && (kind == 2) == !matches!(family, Family::Ip | Family::Ip6);
    let text = if is_usual { "reject".to_owned() } else { format!("reject with {prefix} {name}") };
    (text, format!("{prefix}-{name}"))
}

/// `queue flags bypass to 1-3`.
pub fn queue(number: u16, total: u16, flags: u16) -> String {
    let names = [(1, "bypass"), (2, "fanout")];
    let flags: Vec<&str> = names.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name).collect();
    let flags = if flags.is_empty() { String::new() } else { format!(" flags {}", flags.join(",")) };
    match total {
        0 | 1 => format!("queue{flags} to {number}"),
        total => format!("queue{flags} to {number}-{}", number.saturating_add(total - 1)),
    }
}

/// What is set, in words.
pub(super) fn settable(object: &str, key: u32) -> String {
    let source = if object == "meta" { super::selector::Source::Meta } else { super::selector::Source::Ct };
    match super::selector::by_key(source, key, None) {
        Some(named) => named.text.to_owned(),
        None if object == "meta" && key == 14 => "meta secmark".to_owned(),
        None => format!("{object} key {key}"),
    }
}

/// `meta mark & 0xffffff00 | 0x1`.
pub fn marked(from: &str, kept: u32, value: u32) -> String {
    let mut text = from.to_owned();
    if kept != u32::MAX {
        text.push_str(&format!(" & 0x{kept:08x}"));
    }
    if value != 0 {
        // Bits that were cleared are set; others are turned over.
        text.push_str(&format!(" {} 0x{value:08x}", if value & kept == 0 { '|' } else { '^' }));
    }
    text
}

/// `random,persistent`.
pub fn nat_flags(flags: u32) -> String {
    let names = [(4, "random"), (16, "fully-random"), (8, "persistent")];
    let names: Vec<&str> = names.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name).collect();
    names.join(",")
}

/// `dnat to 10.0.0.1:80`.
pub fn nat(verb: &str, nat: &Nat) -> String {
    let mut to = String::new();
    if let Some((first, last)) = nat.addresses {
        let one = |address: IpAddr| match address {
            IpAddr::V6(v6) if nat.ports.is_some() => format!("[{v6}]"),
            other => other.to_string(),
        };
        to.push_str(&one(first));
        if first != last {
            to.push_str(&format!("-{}", one(last)));
        }
    }
    if let Some((first, last)) = nat.ports {
        to.push_str(&format!(":{first}"));
        if first != last {
            to.push_str(&format!("-{last}"));
        }
    }
    let to = if to.is_empty() { to } else { format!(" to {to}") };
    let flags = if nat.flags.is_empty() { String::new() } else { format!(" {}", nat.flags) };
    format!("{verb}{to}{flags}")
}

/// An address in bytes.
pub(super) fn address(bytes: &[u8], family: u32) -> Option<IpAddr> {
    match family {
        2 => Some(IpAddr::from(*bytes.first_chunk::<4>()?)),
        10 => Some(IpAddr::from(*bytes.first_chunk::<16>()?)),
        _ => None,
    }
}

/// An expression that we have no words for.
pub fn unknown(expression: &Expression<'_>) -> String {
    match expression {
        Expression::Unknown { name, data } => {
            format!("{name} # {} bytes that are not understood", data.len())
        }
        Expression::Tproxy { .. } => "tproxy".to_owned(),
        Expression::ObjectMap { set, .. } => format!("object of map @{set}"),
        other => {
            let text = format!("{other:?}");
            let name = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
            format!("{name} # not understood")
        }
    }
}

/// A refusal by its words.
pub(super) fn reject_named(
    kind: &str,
    name: &str,
    family: Family,
    version: Option<u8>,
) -> super::statement::Statement {
    let usual = match (family, version) {
        (Family::Ip, _) => "icmp",
        (Family::Ip6, _) => "icmpv6",
        (_, _) => "icmpx",
    };
    let (kind, name) = match (kind, name) {
        ("", "") => (usual, "port-unreachable"),
        (kind, "") if kind != "tcp reset" => (kind, "port-unreachable"),
        other => other,
    };
    let (text, name) = match kind {
        "tcp reset" => ("reject with tcp reset".to_owned(), "tcp-reset".to_owned()),
        _ if kind == usual && name == "port-unreachable" => ("reject".to_owned(), format!("{kind}-{name}")),
        _ => (format!("reject with {kind} {name}"), format!("{kind}-{name}")),
    };
    super::statement::Statement::Act { text, action: crate::Action::Reject(name) }
}

/// What a mark is set to: `(from & kept) ^ turned`.
pub(super) struct Operand {
    /// A mark, or nothing: then only `turned` counts.
    pub from: Option<super::selector::Selector>,
    pub kept: u32,
    pub turned: u32,
}

impl Operand {
    /// The same with one operation more.
    pub fn with(self, sign: &str, number: u32) -> Self {
        let Self { from, kept, turned } = self;
        match sign {
            "&" => Self { from, kept: kept & number, turned: turned & number },
            "|" => Self { from, kept: kept & !number, turned: turned | number },
            _ => Self { from, kept, turned: turned ^ number },
        }
    }
}

/// `meta mark set ...` and its like.
pub(super) fn mangle(key: &super::selector::Selector, operand: &Operand) -> super::statement::Statement {
    use crate::{Action, Ends};
    let name = key.text();
    let Operand { from, kept, turned } = operand;
    let (value, mask) = (*turned, !*kept);
    let from_text = from.as_ref().map(super::selector::Selector::text);
    let action = match (name.as_str(), from_text.as_deref()) {
        ("meta mark", None | Some("meta mark")) => Some(Action::SetMark { value, mask }),
        ("ct mark", None | Some("ct mark")) => Some(Action::SetCtMark { value, mask }),
        ("meta mark", Some("ct mark")) if value == 0 => {
            Some(Action::RestoreMark { mask: u32::MAX, ct_mask: *kept })
        }
        ("ct mark", Some("meta mark")) if value == 0 => {
            Some(Action::SaveMark { mask: *kept, ct_mask: u32::MAX })
        }
        _ => None,
    };
    let words = match &from_text {
        None => format!("0x{value:08x}"),
        Some(from) => marked(from, *kept, value),
    };
    let text = format!("{name} set {words}");
    let ends = if name.ends_with("mark") { Ends::Unknown } else { Ends::GoesOn };
    let action = match name.as_str() {
        "meta nftrace" => Action::Log("meta nftrace set 1".to_owned()),
        _ => action.unwrap_or(Action::Other { text: text.clone(), ends }),
    };
    super::statement::Statement::Act { text, action }
}

/// The action of a translation by its verb.
pub(super) fn nat_action(verb: &str, nat: Nat) -> crate::Action {
    match verb {
        "dnat" => crate::Action::Dnat(nat),
        "snat" => crate::Action::Snat(nat),
        "masquerade" => crate::Action::Masquerade(nat),
        _ => crate::Action::Redirect(nat),
    }
}
