//! Text of `-m conntrack` and `-m state`.

use std::fmt::Write as _;

use super::head::{bits, prefix};
use super::structure::Structure;
use super::words::write_address;
use crate::Family;

const STATE: u16 = 1;
const PROTOCOL: u16 = 1 << 1;
const STATUS: u16 = 1 << 6;
const EXPIRES: u16 = 1 << 7;
const DIRECTION: u16 = 1 << 12;
const IS_STATE: u16 = 1 << 13;

/// Bits of the state in the order in which they are printed.
const STATES: [(u16, &str); 7] = [
    (1, "INVALID"),
    (8, "NEW"),
    (4, "RELATED"),
    (2, "ESTABLISHED"),
    (256, "UNTRACKED"),
    (64, "SNAT"),
    (128, "DNAT"),
];

const STATUSES: [(u16, &str); 4] = [(1, "EXPECTED"), (2, "SEEN_REPLY"), (4, "ASSURED"), (8, "CONFIRMED")];

/// Appends ` -m conntrack ...`.
pub(super) fn write(data: Structure<'_>, revision: u32, family: Family, out: &mut String) -> Option<()> {
    let (matched, inverted) = (data.u16(146)?, data.u16(148)?);
    let (state, status) = match revision {
        1 => (u16::from(data.u8(150)?), u16::from(data.u8(151)?)),
        _ => (data.u16(150)?, data.u16(152)?),
    };
    if matched & !0x3fff != 0 {
        return None;
    }
    let is_state = matched & IS_STATE != 0;
    out.push_str(if is_state { " -m state" } else { " -m conntrack" });
    let option = |bit: u16, name: &str, out: &mut String| {
        let is_there = matched & bit != 0;
        if is_there {
            out.push_str(if inverted & bit != 0 { " ! --" } else { " --" });
            out.push_str(name);
            out.push(' ');
        }
        is_there
    };
    if option(STATE, if is_state { "state" } else { "ctstate" }, out) {
        names(state, &STATES, out)?;
    }
    if option(PROTOCOL, "ctproto", out) {
        put(out, format_args!("{}", data.u16(136)?));
    }
    for (index, name) in ["ctorigsrc", "ctorigdst", "ctreplsrc", "ctrepldst"].into_iter().enumerate() {
        if option(1 << (2 + index), name, out) {
            network(data, 32 * index, family, out)?;
        }
    }
    let ports = ["ctorigsrcport", "ctorigdstport", "ctreplsrcport", "ctrepldstport"];
    for (index, name) in ports.into_iter().enumerate() {
        if option(1 << (8 + index), name, out) {
            port(data, index, revision, out)?;
        }
    }
    if option(STATUS, "ctstatus", out) {
        if status == 0 { out.push_str("NONE") } else { names(status, &STATUSES, out)? }
    }
    if option(EXPIRES, "ctexpire", out) {
        let (first, last) = (data.u32(128)?, data.u32(132)?);
        put(out, format_args!("{first}"));
        if first != last {
            put(out, format_args!(":{last}"));
        }
    }
    if matched & DIRECTION != 0 {
        out.push_str(if inverted & DIRECTION != 0 { " --ctdir REPLY" } else { " --ctdir ORIGINAL" });
    }
    Some(())
}

fn put(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).expect("a string takes everything");
}

fn names(bits: u16, known: &[(u16, &str)], out: &mut String) -> Option<()> {
    let all = known.iter().fold(0, |sum, (bit, _)| sum | bit);
    if bits & !all != 0 {
        return None;
    }
    let mut separator = "";
    for (_, name) in known.iter().filter(|(bit, _)| bits & bit != 0) {
        out.push_str(separator);
        out.push_str(name);
        separator = ",";
    }
    Some(())
}

fn network(data: Structure<'_>, at: usize, family: Family, out: &mut String) -> Option<()> {
    write_address(out, data.inet_address(at, family)?);
    let mask = data.inet(at + 16, family)?;
    match prefix(mask, bits(family)) {
        Some(length) if length == bits(family) => {}
        Some(length) => put(out, format_args!("/{length}")),
        None => {
            out.push('/');
            write_address(out, data.inet_address(at + 16, family)?);
        }
    }
    Some(())
}

/// Of revision 3 a range in host byte order, before it one port in network order.
fn port(data: Structure<'_>, index: usize, revision: u32, out: &mut String) -> Option<()> {
    let at = 138 + 2 * index;
    if revision < 3 {
        put(out, format_args!("{}", data.be16(at)?));
        return Some(());
    }
    let (first, last) = (data.u16(at)?, data.u16(154 + 2 * index)?);
    put(out, format_args!("{first}"));
    if last != 0 && last != first {
        put(out, format_args!(":{last}"));
    }
    Some(())
}
