//! Words of iptables-save's text: addresses, and where one extension ends and the next begins.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Family;

/// An address of a number.
pub(super) fn address(family: Family, number: u128) -> IpAddr {
    match family {
        Family::Ip6 => IpAddr::V6(Ipv6Addr::from(number)),
        _ => IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX))),
    }
}

/// An address as inet_ntop prints it: unlike Rust it knows IPv4 in the last 32 bits of `::`.
pub(super) fn write_address(out: &mut String, address: IpAddr) {
    use std::fmt::Write as _;
    let written = match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            write!(out, "{a}.{b}.{c}.{d}")
        }
        IpAddr::V6(v6) => {
            let number = u128::from(v6);
            match u32::try_from(number) {
                Ok(low) if low > 0xffff => write!(out, "::{}", Ipv4Addr::from(low)),
                _ => write!(out, "{v6}"),
            }
        }
    };
    written.expect("a string takes everything");
}

/// The text after `-A CHAIN ` cut into its extensions: before the first `-m` (addresses, interfaces, protocol), then
/// each `-m NAME ...`, then `-j NAME ...` or `-g NAME`.
pub fn segments(text: &str) -> Vec<&str> {
    let mut starts = vec![0];
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b'-' if !is_quoted && (at == 0 || text.as_bytes()[at - 1] == b' ') => {
                if matches!(text.as_bytes().get(at + 1..at + 3), Some(b"m " | b"j " | b"g ")) {
                    starts.push(at);
                }
            }
            _ => {}
        }
    }
    let ends = starts.iter().copied().skip(1).chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| text[*start..end].trim_end()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_told_apart_outside_of_quotes() {
        let text = r#"-s 10.0.0.1/32 -p tcp -m comment --comment "a \" -m b -j c" -m recent --set -j LOG --log-prefix " -j ""#;
        assert_eq!(
            segments(text),
            [
                "-s 10.0.0.1/32 -p tcp",
                r#"-m comment --comment "a \" -m b -j c""#,
                "-m recent --set",
                r#"-j LOG --log-prefix " -j ""#
            ]
        );
        assert_eq!(segments("-j ACCEPT"), ["", "-j ACCEPT"]);
    }
}
