//! Text of the x_tables matches that we can write ourselves, exactly as iptables-save 1.8.9 prints them.
//!
//! Every function is given the kernel's copy of the C structure; a bit that it doesn't know makes it give up.

use std::fmt::Write as _;

use super::Extensions;
use super::structure::Structure;
use super::words::write_address;
use crate::iptables::{from_bytes, push_text};
use crate::nft::expression::Extension;
use crate::{Family, Field, Masked, Step, Test, Values};

/// Appends ` -m NAME ...`; `None` if it is not known how, and then `out` is as before.
pub(super) fn write(
    extension: &Extension<'_>,
    family: Family,
    extensions: &dyn Extensions,
    out: &mut String,
) -> Option<()> {
    let before = out.len();
    let data = Structure(extension.info);
    let written = match (extension.name, extension.revision) {
        ("comment", 0) => write_comment(data, out),
        ("conntrack", 1..=3) => super::conntrack::write(data, extension.revision, family, out),
        ("multiport", 1) => multiport(data, out),
        ("tcp", 0) => tcp(data, out),
        ("udp", 0) => udp(data, out),
        ("icmp", 0) => icmp(data, "icmp", "--icmp-type", out),
        ("icmp6", 0) => icmp(data, "icmp6", "--icmpv6-type", out),
        ("iprange", 1) => iprange(data, family, out),
        ("mark", 1) => mark_match(data, "mark", out),
        ("connmark", 1) => mark_match(data, "connmark", out),
        ("addrtype", 1) => addrtype(data, out),
        ("mac", 0) => mac(data, out),
        ("pkttype", 0) => pkttype(data, out),
        ("owner", 1) => owner(data, out),
        ("limit", 0) => limit_match(data, out),
        ("set", 4) => set(data, extensions, out),
        _ => None,
    };
    if written.is_none() {
        out.truncate(before);
        let segment = extensions.segment(extension, family, false)?;
        out.push(' ');
        out.push_str(&segment);
    }
    Some(())
}

/// The comment without quotes.
pub(super) fn comment(extension: &Extension<'_>) -> Option<String> {
    Some(from_bytes(Structure(extension.info).bytes(0, 256)?).into_owned())
}

fn write_comment(data: Structure<'_>, out: &mut String) -> Option<()> {
    out.push_str(" -m comment --comment ");
    push_text(out, &from_bytes(data.bytes(0, 256)?));
    Some(())
}

fn put(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).expect("a string takes everything");
}

fn not(out: &mut String, negated: bool) {
    if negated {
        out.push_str(" !");
    }
}

/// Ports of `-m tcp` and `-m udp`: nothing for all of them.
pub(super) fn ports(ports: Option<(u16, u16, bool)>, option: &str, out: &mut String) {
    let Some((first, last, negated)) = ports else { return };
    not(out, negated);
    put(out, format_args!(" {option} {first}"));
    if first != last {
        put(out, format_args!(":{last}"));
    }
}

/// `--tcp-flags MASK VALUE`.
pub(super) fn tcp_flags(mask: u8, value: u8, negated: bool, out: &mut String) {
    not(out, negated);
    out.push_str(" --tcp-flags");
    for bits in [mask, value] {
        out.push(' ');
        match bits & 0x3f {
            0 => out.push_str("NONE"),
            some => {
                let names = ["FIN", "SYN", "RST", "PSH", "ACK", "URG"];
                let set = names.iter().enumerate().filter(|(bit, _)| some >> bit & 1 != 0);
                let names: Vec<&str> = set.map(|(_, name)| *name).collect();
                out.push_str(&names.join(","));
            }
        }
    }
}

/// TCP flags under a mask.
pub(super) fn flags_test(mask: u8, value: u8, negated: bool) -> Step {
    // iptables knows six of the eight bits.
    let bits = if mask > 0x3f { 8 } else { 6 };
    super::head::masked(Field::TcpFlags, value.into(), mask.into(), bits, negated)
}

/// ` [!] --mark 0x1/0xff`.
pub(super) fn mark(value: u32, mask: u32, negated: bool, out: &mut String) {
    not(out, negated);
    put(out, format_args!(" --mark {value:#x}"));
    if mask != u32::MAX {
        put(out, format_args!("/{mask:#x}"));
    }
}

/// A mark under a mask.
pub(super) fn mark_test(field: Field, value: u32, mask: u32, negated: bool) -> Step {
    if value & !mask != 0 {
        let values = Values::Masked(vec![Masked { value: value.into(), mask: mask.into() }]);
        return Step::Test(Test::Field { field, values, negated });
    }
    super::head::masked(field, value.into(), mask.into(), 32, negated)
}

fn mark_match(data: Structure<'_>, name: &str, out: &mut String) -> Option<()> {
    put(out, format_args!(" -m {name}"));
    mark(data.u32(0)?, data.u32(4)?, data.u8(8)? != 0, out);
    Some(())
}

/// Scale of a limit: ten thousand to the second.
const SCALE: u64 = 10_000;

/// ` -m limit --limit 5/min [--limit-burst 7]` of nf_tables' own limit.
pub(super) fn limit(rate: u64, unit: u64, burst: u32, out: &mut String) -> Option<()> {
    let period = SCALE.checked_mul(unit)?.checked_div(rate)?;
    write_limit(u32::try_from(period).ok()?, burst, out);
    Some(())
}

fn limit_match(data: Structure<'_>, out: &mut String) -> Option<()> {
    write_limit(data.u32(0)?, data.u32(4)?, out);
    Some(())
}

fn write_limit(period: u32, burst: u32, out: &mut String) {
    let period = u64::from(period.max(1));
    let units = [("day", SCALE * 86_400), ("hour", SCALE * 3_600), ("min", SCALE * 60), ("sec", SCALE)];
    let mut chosen = units[0];
    for unit in &units[1..] {
        if period > unit.1 || unit.1 / period < unit.1 % period {
            break;
        }
        chosen = *unit;
    }
    put(out, format_args!(" -m limit --limit {}/{}", chosen.1 / period, chosen.0));
    if burst != 5 {
        put(out, format_args!(" --limit-burst {burst}"));
    }
}

fn multiport(data: Structure<'_>, out: &mut String) -> Option<()> {
    out.push_str(" -m multiport");
    not(out, data.u8(47)? != 0);
    out.push_str(match data.u8(0)? {
        0 => " --sports ",
        1 => " --dports ",
        2 => " --ports ",
        _ => return None,
    });
    let count = usize::from(data.u8(1)?);
    if count > 15 {
        return None;
    }
    for index in 0..count {
        let separator = match index {
            0 => "",
            _ if data.u8(32 + index - 1)? != 0 => ":",
            _ => ",",
        };
        put(out, format_args!("{separator}{}", data.u16(2 + 2 * index)?));
    }
    Some(())
}

fn tcp(data: Structure<'_>, out: &mut String) -> Option<()> {
    let inverted = data.u8(11)?;
    if inverted & !0x0f != 0 {
        return None;
    }
    out.push_str(" -m tcp");
    blob_ports(data, inverted, out)?;
    let option = data.u8(8)?;
    if option != 0 || inverted & 8 != 0 {
        not(out, inverted & 8 != 0);
        put(out, format_args!(" --tcp-option {option}"));
    }
    let (mask, value) = (data.u8(9)?, data.u8(10)?);
    if mask != 0 || inverted & 4 != 0 {
        tcp_flags(mask, value, inverted & 4 != 0, out);
    }
    Some(())
}

fn udp(data: Structure<'_>, out: &mut String) -> Option<()> {
    let inverted = data.u8(8)?;
    if inverted & !3 != 0 {
        return None;
    }
    out.push_str(" -m udp");
    blob_ports(data, inverted, out)
}

fn blob_ports(data: Structure<'_>, inverted: u8, out: &mut String) -> Option<()> {
    for (option, at, bit) in [("--sport", 0, 1), ("--dport", 4, 2)] {
        let (first, last, negated) = (data.u16(at)?, data.u16(at + 2)?, inverted & bit != 0);
        if (first, last) != (0, u16::MAX) || negated {
            ports(Some((first, last, negated)), option, out);
        }
    }
    Some(())
}

fn icmp(data: Structure<'_>, name: &str, option: &str, out: &mut String) -> Option<()> {
    let [kind, first, last, inverted] = data.array::<4>(0)?;
    if inverted & !1 != 0 {
        return None;
    }
    put(out, format_args!(" -m {name}"));
    not(out, inverted != 0);
    if kind == 0xff && name == "icmp" {
        put(out, format_args!(" {option} any"));
        return Some(());
    }
    put(out, format_args!(" {option} {kind}"));
    match (first, last) {
        (0, 0xff) => {}
        (code, same) if code == same => put(out, format_args!("/{code}")),
        _ => return None,
    }
    Some(())
}

fn iprange(data: Structure<'_>, family: Family, out: &mut String) -> Option<()> {
    let flags = data.u8(64)?;
    if flags & !0x33 != 0 {
        return None;
    }
    out.push_str(" -m iprange");
    for (option, at, bit) in [("--src-range", 0, 1), ("--dst-range", 32, 2)] {
        if flags & bit != 0 {
            not(out, flags & bit << 4 != 0);
            put(out, format_args!(" {option} "));
            write_address(out, data.inet_address(at, family)?);
            out.push('-');
            write_address(out, data.inet_address(at + 16, family)?);
        }
    }
    Some(())
}

/// Names of the kernel's RTN_* numbers.
const ADDRESS_TYPES: [&str; 12] = [
    "UNSPEC",
    "UNICAST",
    "LOCAL",
    "BROADCAST",
    "ANYCAST",
    "MULTICAST",
    "BLACKHOLE",
    "UNREACHABLE",
    "PROHIBIT",
    "THROW",
    "NAT",
    "XRESOLVE",
];

fn addrtype(data: Structure<'_>, out: &mut String) -> Option<()> {
    let flags = data.u32(4)?;
    if flags & !0xf != 0 {
        return None;
    }
    out.push_str(" -m addrtype");
    for (option, bits, bit) in [("--src-type", data.u16(0)?, 1), ("--dst-type", data.u16(2)?, 2)] {
        if bits == 0 {
            continue;
        }
        if bits >> ADDRESS_TYPES.len() != 0 {
            return None;
        }
        not(out, flags & bit != 0);
        let names: Vec<&str> = (0..ADDRESS_TYPES.len())
            .filter(|type_| bits >> type_ & 1 != 0)
            .map(|type_| ADDRESS_TYPES[type_])
            .collect();
        put(out, format_args!(" {option} {}", names.join(",")));
    }
    for (option, bit) in [(" --limit-iface-in", 4), (" --limit-iface-out", 8)] {
        out.push_str(if flags & bit != 0 { option } else { "" });
    }
    Some(())
}

fn mac(data: Structure<'_>, out: &mut String) -> Option<()> {
    out.push_str(" -m mac");
    not(out, data.u32(8)? != 0);
    let [a, b, c, d, e, f] = data.array::<6>(0)?;
    put(out, format_args!(" --mac-source {a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"));
    Some(())
}

fn pkttype(data: Structure<'_>, out: &mut String) -> Option<()> {
    let name = ["unicast", "broadcast", "multicast"].get(usize::try_from(data.u32(0)?).ok()?)?;
    out.push_str(" -m pkttype");
    not(out, data.u32(4)? != 0);
    put(out, format_args!(" --pkt-type {name}"));
    Some(())
}

fn owner(data: Structure<'_>, out: &mut String) -> Option<()> {
    let (match_, invert) = (data.u8(16)?, data.u8(17)?);
    if match_ & !0xf != 0 {
        return None;
    }
    out.push_str(" -m owner");
    if match_ & 4 != 0 {
        not(out, invert & 4 != 0);
        out.push_str(" --socket-exists");
    }
    for (option, at, bit) in [("--uid-owner", 0, 1), ("--gid-owner", 8, 2)] {
        if match_ & bit != 0 {
            let (first, last) = (data.u32(at)?, data.u32(at + 4)?);
            not(out, invert & bit != 0);
            put(out, format_args!(" {option} {first}"));
            if first != last {
                put(out, format_args!("-{last}"));
            }
        }
    }
    if match_ & 8 != 0 {
        out.push_str(" --suppl-groups");
    }
    Some(())
}

/// The name of a set with its directions: ` NAME src,dst`.
pub(super) fn set_name(
    data: Structure<'_>,
    at: usize,
    extensions: &dyn Extensions,
    out: &mut String,
) -> Option<u8> {
    let (index, dimensions, flags) = (data.u16(at)?, data.u8(at + 2)?, data.u8(at + 3)?);
    out.push(' ');
    out.push_str(&extensions.ipset(index)?);
    for dimension in 1..=dimensions.min(6) {
        out.push(if dimension == 1 { ' ' } else { ',' });
        out.push_str(if flags >> dimension & 1 != 0 { "src" } else { "dst" });
    }
    Some(flags)
}

fn set(data: Structure<'_>, extensions: &dyn Extensions, out: &mut String) -> Option<()> {
    out.push_str(" -m set");
    not(out, data.u8(3)? & 1 != 0);
    out.push_str(" --match-set");
    let flags = set_name(data, 0, extensions, out)?;
    let more = data.u32(40)?;
    // Counters are compared, or not updated: left to the program's text.
    let is_plain = data.u8(16)? == 0 && data.u8(32)? == 0 && more & !(1 << 7) == 0;
    if !is_plain {
        return None;
    }
    if more & 1 << 7 != 0 || flags & 1 << 7 != 0 {
        out.push_str(" --return-nomatch");
    }
    Some(())
}
