//! When a certificate ends: as much of X.509 (RFC 5280, section 4.1) as that needs.

use fact::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// `notAfter` of a certificate in DER; `None` if it can't be read.
pub fn ends_at(der: &[u8]) -> Option<Timestamp> {
    const SEQUENCE: u8 = 0x30;
    const VERSION: u8 = 0xa0;
    let (tag, certificate, _) = element(der)?;
    let (inner, tbs, _) = element(certificate)?;
    if (tag, inner) != (SEQUENCE, SEQUENCE) {
        return None;
    }
    // Version is optional; then come serial number, signature, issuer, validity.
    let (first, _, after) = element(tbs)?;
    let mut rest = if first == VERSION { element(after)?.2 } else { after };
    for _ in 0..2 {
        rest = element(rest)?.2;
    }
    let (_, validity, _) = element(rest)?;
    let (_, _, after) = element(validity)?;
    let (tag, text, _) = element(after)?;
    time(tag, std::str::from_utf8(text).ok()?)
}

/// The first element: its tag, its content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (len, rest) = match short {
        0..=0x7f => (usize::from(short), rest),
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
            (bytes.iter().fold(0, |len, byte| len << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(len)?;
    Some((tag, content, rest))
}

/// UTCTime (`YYMMDDhhmmssZ`, until 2049) or GeneralizedTime (`YYYYMMDDhhmmssZ`).
fn time(tag: u8, text: &str) -> Option<Timestamp> {
    let text = match tag {
        0x17 => format!("{}{text}", if text.get(..2)?.parse::<u8>().ok()? < 50 { "20" } else { "19" }),
        0x18 => text.to_owned(),
        _ => return None,
    };
    let civil = DateTime::strptime("%Y%m%d%H%M%SZ", &text).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An element with a short length.
    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
    }

    fn certificate(not_after: &[u8]) -> Vec<u8> {
        let validity = der(0x30, &[der(0x17, b"250101000000Z"), not_after.to_vec()].concat());
        let parts = [
            der(0xa0, &der(2, &[2])),
            der(2, &[7]),
            der(0x30, &[]),
            der(0x30, &[]),
            validity,
            der(0x30, &[]),
        ];
        der(0x30, &der(0x30, &parts.concat()))
    }

    #[test]
    fn tells_when_a_certificate_ends() {
        let check = |not_after: Vec<u8>, expected: Option<&str>| {
            let ends = ends_at(&certificate(&not_after)).map(|at| at.to_jiff().to_string());
            assert_eq!(ends.as_deref(), expected);
        };
        check(der(0x17, b"270131120000Z"), Some("2027-01-31T12:00:00Z"));
        check(der(0x18, b"20510131120000Z"), Some("2051-01-31T12:00:00Z"));
        check(der(0x17, b"soon"), None);
        check(der(0x02, b"270131120000Z"), None);
    }

    #[test]
    fn no_bytes_make_it_stumble() {
        let whole = certificate(&der(0x17, b"270131120000Z"));
        for len in 0..whole.len() {
            assert_eq!(ends_at(&whole[..len]), None, "cut off after {len}");
        }
        assert_eq!(ends_at(&[0x30, 0x83, 0xff, 0xff, 0xff]), None);
    }
}
