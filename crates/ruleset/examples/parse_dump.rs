//! How long a large dump of iptables takes to read, and how much memory it then holds.
//!
//! `cargo run --release -p ruleset --example parse_dump [RULES ...]` (`cargo xtask bench firewall-parse`); 100,000 and 1,000,000 rules where none are given.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark asks the clock and the kernel, the crate does not"
)]

use std::fmt::Write;
use std::time::Instant;

use ruleset::{Backend, Family, iptables};

fn main() {
    let mut sizes: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![100_000, 1_000_000];
    }
    for size in sizes {
        let dump = dump(size);
        let before = memory("VmRSS:");
        let mut best = f64::MAX;
        for _ in 0..3 {
            let start = Instant::now();
            let (ruleset, notes) = iptables::parse(&dump, Backend::IptablesNft, Family::Ip);
            best = best.min(start.elapsed().as_secs_f64());
            assert!(notes.is_empty(), "{notes:?}");
            assert_eq!(ruleset.tables[0].chains.iter().map(|chain| chain.rules.len()).sum::<usize>(), size);
        }
        let (ruleset, _) = iptables::parse(&dump, Backend::IptablesNft, Family::Ip);
        let held = memory("VmRSS:").saturating_sub(before);
        let start = Instant::now();
        let printed = iptables::print(&ruleset, Family::Ip, Backend::IptablesNft, true);
        let print = start.elapsed().as_secs_f64();
        assert_eq!(printed, dump);
        println!(
            "{size} rules, {} MB of text: read in {best:.3} s (best of 3), {} MB held, printed in {print:.3} s, {} MB at most",
            dump.len() / 1_000_000,
            held / 1_000,
            memory("VmHWM:") / 1_000
        );
    }
}

/// Rules of the kinds that servers have, in 1,000 chains.
fn dump(size: usize) -> String {
    let chains = size.clamp(1, 1_000);
    let mut out = String::from("*filter\n:INPUT DROP [0:0]\n");
    for chain in 0..chains {
        writeln!(out, ":chain{chain} - [0:0]").expect("a String takes any text");
    }
    for rule in 0..size {
        let (a, b, c) = (rule >> 16 & 255, rule >> 8 & 255, rule & 255);
        write!(out, "[{rule}:{}] -A chain{} ", rule * 60, rule * chains / size)
            .expect("a String takes any text");
        match rule % 8 {
            0 => writeln!(out, "-s 10.{a}.{b}.{c}/32 -p tcp -m tcp --dport {} -j ACCEPT", rule % 65_000),
            1 => writeln!(out, "-s 10.{a}.{b}.0/24 -i eth0 -p udp -m udp --dport 53 -j ACCEPT"),
            2 => writeln!(out, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"),
            3 => {
                writeln!(out, "-d 10.{a}.{b}.{c}/32 -p tcp -m multiport --dports 80,443,8000:8080 -j ACCEPT")
            }
            4 => writeln!(out, "-s 10.{a}.{b}.{c}/32 -m comment --comment \"customer {rule}\" -j DROP"),
            5 => writeln!(
                out,
                "-p tcp -m tcp --dport 22 -m limit --limit 3/min -j LOG --log-prefix \"[ssh] \""
            ),
            6 => {
                writeln!(out, "-m set --match-set blocked src -j REJECT --reject-with icmp-port-unreachable")
            }
            _ => writeln!(out, "-s 10.{a}.{b}.{c}/32 -j chain{}", rule % chains),
        }
        .expect("a String takes any text");
    }
    out.push_str("COMMIT\n");
    out
}

/// Kilobytes, from the kernel (Linux).
fn memory(which: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(which));
    line.and_then(|text| text.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
