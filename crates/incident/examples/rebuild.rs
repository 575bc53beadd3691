//! Measures the fold: 200,000 state facts, JSON text parsed as a start from the log does.
//!
//! `cargo run --release -p incident --example rebuild [FACTS]` prints seconds and memory (Linux).
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "measures time and memory of the pure crate"
)]

use std::time::{Duration, Instant};

use fact::{EntityId, FactId, PersonId, Timestamp};
use incident::{State, StateFact};

/// Facts of one incident, its declaration among them.
const PER_INCIDENT: u64 = 100;

fn id(kind: u64, n: u64) -> FactId {
    FactId::from_bytes(((u128::from(kind) << 64) | u128::from(n)).to_be_bytes())
}

/// The n-th event of a log in which incidents are worked on one after the other.
fn event(n: u64) -> (EntityId, u64, String) {
    let by = PersonId(id(9, n % 20).0);
    let (incident, step) = (n / PER_INCIDENT, n % PER_INCIDENT);
    let what = match step {
        0 => format!(
            r#"{{"declared": {{"number": {}, "title": "Checkout fails for customers in region {n}", "severity": 2,
            "started_at": "2026-02-20T15:10:00.000000Z", "services": ["checkout", "cart"]}}}}"#,
            incident + 1
        ),
        step if step % 10 == 1 => {
            format!(r#"{{"status-told": {{"text": "We roll release {n} back; payments are slow."}}}}"#)
        }
        step if step % 10 == 2 => {
            let action = id(1, n - 1);
            format!(
                r#"{{"result-told": {{"action": "{action}", "outcome": "no-change", "text": "still 502"}}}}"#
            )
        }
        step if step % 10 == 3 => {
            let (action, result) = (id(1, n - 2), id(7, n));
            format!(
                r#"{{"judged": {{"action": "{action}", "result": "{result}", "outcome": "helped", "confirmed": true}}}}"#
            )
        }
        step if step % 10 == 4 => format!(r#"{{"starred": {{"fact": "{}", "on": true}}}}"#, id(7, n)),
        step if step % 10 == 5 => format!(r#"{{"asked": {{"text": "Why did alert {n} not fire before?"}}}}"#),
        _ => format!(
            r#"{{"did": {{"text": "restarted checkout-worker-{n} and drained its queue", "temporary": true}}}}"#
        ),
    };
    (EntityId(id(2, incident).0), step + 1, format!(r#"{{"by": "{by}", "what": {what}}}"#))
}

/// Resident memory in kB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

fn main() {
    let facts: u64 = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(200_000);
    let before = resident();
    let (mut state, mut parsing, mut folding) = (State::default(), Duration::ZERO, Duration::ZERO);
    for n in 0..facts {
        let (entity, version, text) = event(n);
        let start = Instant::now();
        let event = serde_json::from_str(&text).unwrap_or_default();
        parsing += start.elapsed();
        let at = Timestamp::from_secs(1_771_600_200 + i64::try_from(n).unwrap_or(0));
        let fact = StateFact {
            position: n + 1,
            recorded_at: at,
            id: id(1, n),
            entity,
            version,
            occurred_at: at,
            event,
        };
        let start = Instant::now();
        state.apply(&fact);
        folding += start.elapsed();
    }
    let after = resident();
    println!("{facts} state facts, {} incidents", state.incidents.len());
    println!("parsed in {:.3} s, folded in {:.3} s", parsing.as_secs_f64(), folding.as_secs_f64());
    println!("resident: {} MB, of which the state {} MB", after / 1024, (after - before) / 1024);
    if state.incidents.values().any(|incident| incident.read_only.is_some()) {
        println!("an event was not understood: the measure is worth nothing");
        std::process::exit(1);
    }
}
