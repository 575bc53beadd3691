//! Text of the x_tables targets that we can write ourselves, exactly as iptables-save 1.8.9 prints them.

use std::fmt::Write as _;

use super::structure::Structure;
use super::{Extensions, matches, nat};
use crate::Family;
use crate::iptables::{from_bytes, push_text};
use crate::nft::expression::Extension;

/// ` -j NAME ...`; `None` if it is not known how.
pub(super) fn write(
    extension: &Extension<'_>,
    family: Family,
    extensions: &dyn Extensions,
) -> Option<String> {
    let mut out = format!(" -j {}", extension.name);
    let data = Structure(extension.info);
    let written = match (extension.name, extension.revision) {
        ("REJECT", 0) => reject(data, family, &mut out),
        ("LOG", 0) => log(data, &mut out),
        ("MARK", 2) => mark(data, &mut out),
        ("CONNMARK", 1 | 2) => connmark(data, extension.revision, &mut out),
        ("CT", 0..=2) => notrack(data, &mut out),
        ("TCPMSS", 0) => tcpmss(data, &mut out),
        ("SET", 3) => set(data, extensions, &mut out),
        ("DNAT" | "SNAT" | "MASQUERADE" | "REDIRECT", revision) => {
            nat::write(extension.name, revision, data, family, &mut out)
        }
        _ => None,
    };
    if written.is_none() {
        out = format!(" {}", extensions.segment(extension, family, true)?);
    }
    Some(out)
}

fn put(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).expect("a string takes everything");
}

fn reject(data: Structure<'_>, family: Family, out: &mut String) -> Option<()> {
    const V4: [&str; 9] = [
        "icmp-net-unreachable",
        "icmp-host-unreachable",
        "icmp-proto-unreachable",
        "icmp-port-unreachable",
        "",
        "icmp-net-prohibited",
        "icmp-host-prohibited",
        "tcp-reset",
        "icmp-admin-prohibited",
    ];
    const V6: [&str; 9] = [
        "icmp6-no-route",
        "icmp6-adm-prohibited",
        "",
        "icmp6-addr-unreachable",
        "icmp6-port-unreachable",
        "",
        "tcp-reset",
        "icmp6-policy-fail",
        "icmp6-reject-route",
    ];
    let names = if family == Family::Ip6 { V6 } else { V4 };
    let name = names.get(usize::try_from(data.u32(0)?).ok()?).filter(|name| !name.is_empty())?;
    put(out, format_args!(" --reject-with {name}"));
    Some(())
}

fn log(data: Structure<'_>, out: &mut String) -> Option<()> {
    let (level, flags) = (data.u8(0)?, data.u8(1)?);
    if flags & !0x2f != 0 {
        return None;
    }
    let prefix = data.bytes(2, 30)?;
    if !prefix.is_empty() {
        out.push_str(" --log-prefix ");
        push_text(out, &from_bytes(prefix));
    }
    if level != 4 {
        put(out, format_args!(" --log-level {level}"));
    }
    let names = [
        (1, " --log-tcp-sequence"),
        (2, " --log-tcp-options"),
        (4, " --log-ip-options"),
        (8, " --log-uid"),
        (0x20, " --log-macdecode"),
    ];
    for (_, name) in names.iter().filter(|(bit, _)| flags & bit != 0) {
        out.push_str(name);
    }
    Some(())
}

fn mark(data: Structure<'_>, out: &mut String) -> Option<()> {
    put(out, format_args!(" --set-xmark {:#x}/{:#x}", data.u32(0)?, data.u32(4)?));
    Some(())
}

fn connmark(data: Structure<'_>, revision: u32, out: &mut String) -> Option<()> {
    let (value, mask, nfmask) = (data.u32(0)?, data.u32(4)?, data.u32(8)?);
    let mode = match revision {
        1 => data.u8(12)?,
        _ if data.u8(13)? == 0 => data.u8(14)?,
        _ => return None,
    };
    match mode {
        0 => put(out, format_args!(" --set-xmark {value:#x}/{mask:#x}")),
        1 => put(out, format_args!(" --save-mark --nfmask {nfmask:#x} --ctmask {mask:#x}")),
        2 => put(out, format_args!(" --restore-mark --nfmask {nfmask:#x} --ctmask {mask:#x}")),
        _ => return None,
    }
    Some(())
}

/// Only the plain `--notrack`; helpers, zones and events are left to the program.
fn notrack(data: Structure<'_>, out: &mut String) -> Option<()> {
    let is_plain = data.0.get(2..28)?.iter().all(|byte| *byte == 0);
    match data.u16(0)? {
        1 if is_plain => out.push_str(" --notrack"),
        _ => return None,
    }
    Some(())
}

fn tcpmss(data: Structure<'_>, out: &mut String) -> Option<()> {
    match data.u16(0)? {
        u16::MAX => out.push_str(" --clamp-mss-to-pmtu"),
        size => put(out, format_args!(" --set-mss {size}")),
    }
    Some(())
}

/// The number of a set that is not there.
const NO_SET: u16 = u16::MAX;

fn set(data: Structure<'_>, extensions: &dyn Extensions, out: &mut String) -> Option<()> {
    let (flags, timeout) = (data.u32(12)?, data.u32(16)?);
    if data.u16(8)? != NO_SET || flags & !1 != 0 {
        return None;
    }
    for (option, at) in [(" --add-set", 0), (" --del-set", 4)] {
        if data.u16(at)? != NO_SET {
            out.push_str(option);
            matches::set_name(data, at, extensions, out)?;
            if at == 0 && flags & 1 != 0 {
                out.push_str(" --exist");
            }
            if at == 0 && timeout != u32::MAX {
                put(out, format_args!(" --timeout {timeout}"));
            }
        }
    }
    Some(())
}
