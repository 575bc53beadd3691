//! Addresses, networks, interfaces, as they are typed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::edit::number;
use super::{EditError, Network};

/// The longest name that the kernel takes.
const LONGEST_NAME: usize = 15;

/// An address or a network; `None` for `any`. The second is a note when bits outside of the mask were cleared.
pub fn network(text: &str) -> Result<(Option<Network>, Option<String>), EditError> {
    if text.eq_ignore_ascii_case("any") {
        return Ok((None, None));
    }
    let wrong = |why| EditError::Address { text: text.to_owned(), why };
    let (host, mask) = text.split_once('/').map_or((text, None), |(host, mask)| (host, Some(mask)));
    let Ok(address) = host.parse::<IpAddr>() else {
        return Err(if host.contains('%') {
            wrong("zones (%eth0) are no part of an address; use `in on INTERFACE`")
        } else if looks_like_a_name(host) {
            EditError::HostName(text.to_owned())
        } else {
            wrong("it can't be read as IPv4 or IPv6")
        });
    };
    let all = if address.is_ipv4() { u128::from(u32::MAX) } else { u128::MAX };
    let mask = match mask {
        None => all,
        Some(text) => mask_of(text, address.is_ipv4()).ok_or_else(|| wrong("its mask can't be read"))?,
    };
    let cleared = number(address) & mask;
    let network = Network {
        address: match address {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from(u32::try_from(cleared).expect("a part of 32 bits"))),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from(cleared)),
        },
        mask,
    };
    let note = (cleared != number(address)).then(|| format!("{text} is the network {network}"));
    Ok((Some(network), note))
}

fn mask_of(text: &str, is_v4: bool) -> Option<u128> {
    let width = if is_v4 { 32 } else { 128 };
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let length: u32 = text.parse().ok().filter(|length| *length <= width)?;
        let ones = u128::MAX.checked_shl(width - length).unwrap_or(0);
        return Some(if is_v4 { ones & u128::from(u32::MAX) } else { ones });
    }
    match (text.parse::<IpAddr>().ok()?, is_v4) {
        (IpAddr::V4(mask), true) => Some(u128::from(u32::from(mask))),
        _ => None,
    }
}

fn looks_like_a_name(host: &str) -> bool {
    let has_letter = host.chars().any(|c| c.is_alphabetic());
    has_letter
        && !host.contains(':')
        && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// The name of an interface, `+` at its end for all that begin so.
pub fn interface(text: &str) -> Result<String, EditError> {
    let wrong = |why| Err(EditError::Interface { text: text.to_owned(), why });
    if text.is_empty() {
        return wrong("it is empty");
    }
    if text.len() > LONGEST_NAME {
        return wrong("its name has more than 15 characters");
    }
    if text.contains(':') {
        return wrong("aliases are addresses, not interfaces");
    }
    if text.starts_with('!') {
        return wrong("`all but this one` can't be said");
    }
    if text.contains('/') || text.chars().any(|c| c.is_whitespace() || c.is_control()) || !text.is_ascii() {
        return wrong("there is a character in it that no name has");
    }
    if text == "." || text == ".." {
        return wrong("no interface has that name");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks() {
        let check = |text: &str, expected: &str| {
            let got = match network(text) {
                Ok((None, _)) => "any".to_owned(),
                Ok((Some(network), note)) => format!("{network} {}", note.unwrap_or_default()),
                Err(error) => error.to_string(),
            };
            assert_eq!(got.trim(), expected);
        };
        check("any", "any");
        check("10.0.0.7", "10.0.0.7/32");
        check("10.0.0.1/8", "10.0.0.0/8 10.0.0.1/8 is the network 10.0.0.0/8");
        check("10.0.0.0/255.0.0.0", "10.0.0.0/8");
        check("10.0.3.0/255.0.255.0", "10.0.3.0/255.0.255.0");
        check("0.0.0.0/0", "0.0.0.0/0");
        check("2001:DB8::/32", "2001:db8::/32");
        check("::1", "::1/128");
        check("example.org", "`example.org` is the name of a host, not an address");
        check("10.0.0.256", "`10.0.0.256` is no address: it can't be read as IPv4 or IPv6");
        check("10.0.0.1/33", "`10.0.0.1/33` is no address: its mask can't be read");
        check(
            "fe80::1%eth0",
            "`fe80::1%eth0` is no address: zones (%eth0) are no part of an address; use `in on INTERFACE`",
        );
    }

    #[test]
    fn interfaces() {
        for good in ["eth0", "br-e0c8be7d22d4", "eth+", "wg0.1"] {
            assert_eq!(interface(good).as_deref(), Ok(good));
        }
        for bad in ["eth0:1", "averyveryverylongname", "!eth0", "a b", "", ".."] {
            assert!(interface(bad).is_err(), "{bad}");
        }
    }
}
