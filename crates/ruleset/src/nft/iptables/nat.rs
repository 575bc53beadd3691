//! Text of DNAT, SNAT, MASQUERADE and REDIRECT.
//!
//! Three structures: `nf_nat_ipv4_multi_range_compat` (IPv4, revision 0), `nf_nat_range` (IPv6, revision 1 or 0) and `nf_nat_range2`
//! (revision 2). Ports are in network order.

use std::fmt::Write as _;
use std::net::IpAddr;

use super::structure::Structure;
use super::words::write_address;
use crate::Family;

const WITH_ADDRESS: u32 = 1;
const WITH_PORTS: u32 = 2;
const RANDOM: u32 = 4;
const PERSISTENT: u32 = 8;
const FULLY_RANDOM: u32 = 16;

struct Pool {
    flags: u32,
    addresses: (IpAddr, IpAddr),
    ports: (u16, u16),
}

/// Appends what stands behind `-j NAME`.
pub(super) fn write(
    name: &str,
    revision: u32,
    data: Structure<'_>,
    family: Family,
    out: &mut String,
) -> Option<()> {
    let is_compat = family == Family::Ip && revision == 0;
    let pool = if is_compat { compat(data)? } else { range(data, family)? };
    if pool.flags & !0x1f != 0 {
        return None;
    }
    match name {
        "DNAT" | "SNAT" => {
            out.push_str(if name == "DNAT" { " --to-destination " } else { " --to-source " });
            destination(&pool, out);
        }
        _ if pool.flags & WITH_PORTS != 0 => {
            out.push_str(" --to-ports ");
            ports(&pool, out);
        }
        _ => {}
    }
    let words = [(RANDOM, " --random"), (FULLY_RANDOM, " --random-fully"), (PERSISTENT, " --persistent")];
    for (_, word) in words.iter().filter(|(bit, _)| pool.flags & bit != 0) {
        out.push_str(word);
    }
    Some(())
}

fn compat(data: Structure<'_>) -> Option<Pool> {
    if data.u32(0)? != 1 {
        return None;
    }
    let address = |at| Some(IpAddr::V4(data.be32(at)?.into()));
    Some(Pool {
        flags: data.u32(4)?,
        addresses: (address(8)?, address(12)?),
        ports: (data.be16(16)?, data.be16(18)?),
    })
}

fn range(data: Structure<'_>, family: Family) -> Option<Pool> {
    Some(Pool {
        flags: data.u32(0)?,
        addresses: (data.inet_address(4, family)?, data.inet_address(20, family)?),
        ports: (data.be16(36)?, data.be16(38)?),
    })
}

fn destination(pool: &Pool, out: &mut String) {
    let has_ports = pool.flags & WITH_PORTS != 0;
    if pool.flags & WITH_ADDRESS != 0 {
        let (first, last) = pool.addresses;
        let is_bracketed = first.is_ipv6() && has_ports;
        out.push_str(if is_bracketed { "[" } else { "" });
        write_address(out, first);
        if first != last {
            out.push('-');
            write_address(out, last);
        }
        out.push_str(if is_bracketed { "]" } else { "" });
    }
    if has_ports {
        out.push(':');
        ports(pool, out);
    }
}

fn ports(pool: &Pool, out: &mut String) {
    let (first, last) = pool.ports;
    write!(out, "{first}").expect("a string takes everything");
    if first != last {
        write!(out, "-{last}").expect("a string takes everything");
    }
}
