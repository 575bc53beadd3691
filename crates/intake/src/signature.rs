//! Proof in a delivery's headers that its sender knows the source's secret.
//!
//! - any format: `Authorization: Bearer SECRET`, or Basic with the secret as password
//! - GitHub: `X-Hub-Signature-256: sha256=HEX`, HMAC-SHA256 of the body
//! - GitLab: `X-Gitlab-Token: SECRET`
//! - Grafana: `X-Grafana-Alerting-Signature: HEX`, HMAC-SHA256 of the body, or of `TIME:body` when
//!   the contact point names `X-Grafana-Alerting-Timestamp` or
//!   `X-Grafana-Alerting-Signature-Timestamp` as its header for the time
//!
//! A replayed delivery is recognised by its native ids and adds nothing, so no window of time is
//! demanded. Comparisons take the same time wherever two values differ.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{Format, Headers, base64};

/// What the headers prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There is no proof of any known sort.
    Absent,
    /// The sender knows the secret.
    Valid,
    /// There is a proof and it is wrong.
    Wrong,
}

/// Checks a delivery against the secret of its source; several proofs must all be right.
pub fn check(format: Format, headers: &dyn Headers, body: &[u8], secret: &str) -> Verdict {
    let own = match format {
        Format::Github => github(headers, body, secret),
        Format::Gitlab => gitlab(headers, secret),
        Format::Grafana => grafana(headers, body, secret),
        Format::Alertmanager | Format::Json => None,
    };
    match (own, authorization(headers, secret)) {
        (Some(false), _) | (_, Some(false)) => Verdict::Wrong,
        (None, None) => Verdict::Absent,
        _ => Verdict::Valid,
    }
}

fn authorization(headers: &dyn Headers, secret: &str) -> Option<bool> {
    let (scheme, given) = headers.get("authorization")?.trim().split_once(' ')?;
    let given = given.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(is_equal(given, secret));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = base64::decode(given).and_then(|bytes| String::from_utf8(bytes).ok());
    Some(pair.is_some_and(|pair| pair.split_once(':').is_some_and(|(_, given)| is_equal(given, secret))))
}

fn github(headers: &dyn Headers, body: &[u8], secret: &str) -> Option<bool> {
    let given = headers.get("x-hub-signature-256")?;
    Some(given.trim().strip_prefix("sha256=").is_some_and(|given| is_mac(given, secret, &[body])))
}

fn gitlab(headers: &dyn Headers, secret: &str) -> Option<bool> {
    Some(is_equal(headers.get("x-gitlab-token")?, secret))
}

fn grafana(headers: &dyn Headers, body: &[u8], secret: &str) -> Option<bool> {
    let given = headers.get("x-grafana-alerting-signature")?.trim();
    let time = headers
        .get("x-grafana-alerting-timestamp")
        .or_else(|| headers.get("x-grafana-alerting-signature-timestamp"));
    Some(match time {
        Some(time) => is_mac(given, secret, &[time.trim().as_bytes(), b":", body]),
        None => is_mac(given, secret, &[body]),
    })
}

fn is_equal(given: &str, secret: &str) -> bool {
    // An empty secret proves nothing.
    !secret.is_empty() && given.as_bytes().ct_eq(secret.as_bytes()).into()
}

fn is_mac(given: &str, secret: &str, parts: &[&[u8]]) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    let Some(given) = bytes(given) else { return false };
    !secret.is_empty() && mac.verify_slice(&given).is_ok()
}

/// The bytes of a SHA-256 in hexadecimal digits.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let is_hex = hex.len() == 64 && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex
        .then(|| (0..64).step_by(2).filter_map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn check_with(format: Format, headers: &[(&str, &str)], body: &str, expected: Verdict) {
        let named: BTreeMap<_, _> =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let found = check(format, &named, body.as_bytes(), "It's a Secret to Everybody");
        assert_eq!(found, expected, "{headers:?}");
    }

    /// The example of GitHub's page "Validating webhook deliveries".
    const GITHUB: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    #[test]
    fn github_signs_the_body() {
        let check = |value: &str, body: &str, expected| {
            check_with(Format::Github, &[("X-Hub-Signature-256", value)], body, expected);
        };
        check(GITHUB, "Hello, World!", Verdict::Valid);
        check(GITHUB, "Hello, World?", Verdict::Wrong);
        check(&GITHUB.to_uppercase(), "Hello, World!", Verdict::Wrong);
        check(&GITHUB[7..], "Hello, World!", Verdict::Wrong);
        check("sha256=", "Hello, World!", Verdict::Wrong);
        check("sha256=é", "Hello, World!", Verdict::Wrong);
        check_with(Format::Json, &[("x-hub-signature-256", GITHUB)], "Hello, World!", Verdict::Absent);
    }

    #[test]
    fn gitlab_sends_the_secret() {
        let secret = "It's a Secret to Everybody";
        check_with(Format::Gitlab, &[("X-GITLAB-TOKEN", secret)], "", Verdict::Valid);
        check_with(Format::Gitlab, &[("x-gitlab-token", "It's")], "", Verdict::Wrong);
        check_with(Format::Gitlab, &[], "", Verdict::Absent);
    }

    #[test]
    fn grafana_signs_the_body_with_or_without_a_time() {
        let bare = ("x-grafana-alerting-signature", &GITHUB[7..]);
        check_with(Format::Grafana, &[bare], "Hello, World!", Verdict::Valid);
        let time = ("x-grafana-alerting-timestamp", "Hello, World!");
        check_with(Format::Grafana, &[bare, time], "", Verdict::Wrong);
        let timed = ("x-grafana-alerting-signature", TIMED);
        for name in ["X-Grafana-Alerting-Timestamp", "X-Grafana-Alerting-Signature-Timestamp"] {
            check_with(Format::Grafana, &[timed, (name, "1700000000")], "{}", Verdict::Valid);
            check_with(Format::Grafana, &[timed, (name, "1700000001")], "{}", Verdict::Wrong);
        }
    }

    /// `printf '1700000000:{}' | openssl dgst -sha256 -hmac "It's a Secret to Everybody"`
    const TIMED: &str = "1a569684ab465faae2c63d5b917f1dff13514294e1306db0ee4cc604d845a9eb";

    #[test]
    fn any_format_takes_an_authorization() {
        let bearer = ("authorization", "bearer It's a Secret to Everybody");
        check_with(Format::Alertmanager, &[bearer], "", Verdict::Valid);
        check_with(Format::Alertmanager, &[("authorization", "Bearer x")], "", Verdict::Wrong);
        let pair = base64::encode("am:It's a Secret to Everybody".as_bytes());
        check_with(Format::Json, &[("authorization", &format!("Basic {pair}"))], "", Verdict::Valid);
        check_with(Format::Json, &[("authorization", "Basic ****")], "", Verdict::Wrong);
        check_with(Format::Json, &[("authorization", "Digest x")], "", Verdict::Absent);
        let wrong = ("x-gitlab-token", "wrong");
        check_with(Format::Gitlab, &[bearer, wrong], "", Verdict::Wrong);
    }

    #[test]
    fn an_empty_secret_proves_nothing() {
        let headers = BTreeMap::from([("authorization".to_owned(), "Bearer ".to_owned())]);
        assert_ne!(check(Format::Json, &headers, b"", ""), Verdict::Valid);
        let headers = BTreeMap::from([("x-gitlab-token".to_owned(), String::new())]);
        assert_eq!(check(Format::Gitlab, &headers, b"", ""), Verdict::Wrong);
    }
}
