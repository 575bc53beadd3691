//! Slows down who guesses: failed attempts are counted per address.
//!
//! Only failures are answered differently: somebody with the right secret is served, whoever else
//! sits behind the same address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use fact::Timestamp;

/// Failures allowed within [`WINDOW_S`].
const ALLOWED: u32 = 30;
const WINDOW_S: i64 = 60;

/// Addresses remembered; beyond, those with the oldest window go.
const REMEMBERED: usize = 10_000;

/// Failed attempts by address.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<HashMap<IpAddr, (Timestamp, u32)>>);

impl Failures {
    /// Counts a failure; `true` if there were too many.
    pub(crate) fn count(&self, address: IpAddr, now: Timestamp) -> bool {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |begin: Timestamp| now.micros_since(begin) >= WINDOW_S * 1_000_000;
        if failures.len() >= REMEMBERED {
            failures.retain(|_, (begin, _)| !is_over(*begin));
            if failures.len() >= REMEMBERED {
                failures.clear();
            }
        }
        let entry = failures.entry(network(address)).or_insert((now, 0));
        if is_over(entry.0) {
            *entry = (now, 0);
        }
        entry.1 = entry.1.saturating_add(1);
        entry.1 > ALLOWED
    }
}

/// One customer of IPv6 has a /64 at least.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.into(),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::from([a, b, c, d, 0, 0, 0, 0])
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_per_network_and_forgets() {
        let failures = Failures::default();
        let at = |s: i64| Timestamp::from_secs(1_000_000 + s);
        let guess = |address: &str, s: i64| failures.count(address.parse().unwrap(), at(s));
        for n in 0..30u32 {
            assert!(!guess(&format!("2001:db8::{n:x}"), 0), "{n}");
        }
        assert!(guess("2001:db8::ffff", 59), "the 31st of one /64");
        assert!(!guess("2001:db8:0:1::1", 59), "another /64");
        assert!(!guess("2001:db8::1", 60), "a minute later");
    }

    #[test]
    fn stays_small() {
        let failures = Failures::default();
        for n in 0..20_000u32 {
            failures.count(IpAddr::from(n.to_be_bytes()), Timestamp::from_secs(1));
        }
        assert!(failures.0.lock().unwrap().len() <= REMEMBERED);
    }
}
