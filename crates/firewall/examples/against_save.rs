//! Reading 100,000 rules (text and meaning) beside iptables-nft-save (text), and one chain of 100,000 beside a bare dump of it.
//!
//! `cargo run --release -p firewall --example against_save` as root, with iptables installed.
#![expect(clippy::unwrap_used, reason = "a benchmark that can't go on fails")]

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use firewall::live::rules::{Options, read};
use firewall::netlink::{Protocol, Socket, Writer, flags};
use nix::sched::{CloneFlags, unshare};
use ruleset::Ruleset;

const RULES: usize = 100_000;

fn main() {
    let own = std::env::current_exe().unwrap();
    match std::env::args().nth(1).as_deref() {
        // Each size in a process of its own, in a namespace of its own.
        None => {
            for chains in ["1000", "1"] {
                assert!(Command::new(&own).arg(chains).status().unwrap().success());
            }
        }
        Some(chains) => {
            unshare(CloneFlags::CLONE_NEWNET).unwrap();
            let chains: usize = chains.parse().unwrap();
            load(chains);
            if chains == 1 { one_chain() } else { many_chains(chains) }
        }
    }
}

fn load(chains: usize) {
    let mut text =
        String::from("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    (0..chains).for_each(|chain| text.push_str(&format!(":c{chain} - [0:0]\n")));
    for number in 0..RULES {
        let address = format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
        let port = number % 60_000 + 1;
        let rule = match number % 8 {
            0 => format!("-s {address} -p tcp -m tcp --dport {port} -j ACCEPT"),
            1 => format!(
                "-d {address} -i eth0 -p udp -m udp --dport {port} -m conntrack --ctstate NEW -j ACCEPT"
            ),
            2 => format!("-s {address} -m comment --comment \"rule number {number}\" -j DROP"),
            3 => format!(
                "-p tcp -m multiport --dports 22,80,{port} -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT"
            ),
            4 => format!("-s {address} -m limit --limit 5/min -j LOG --log-prefix \"x{number} \""),
            5 => format!("-s {address} -j REJECT"),
            6 => format!("-m iprange --src-range {address}-10.255.255.255 -j RETURN"),
            _ => format!("! -s {address} -p tcp -m tcp --syn -j DROP"),
        };
        text.push_str(&format!("-A c{} {rule}\n", number * chains / RULES));
    }
    text.push_str("COMMIT\n");
    let mut restore = Command::new("iptables-nft-restore").stdin(Stdio::piped()).spawn().unwrap();
    restore.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(restore.wait().unwrap().success());
}

fn many_chains(chains: usize) {
    let save = || {
        assert!(Command::new("iptables-nft-save").stdout(Stdio::null()).status().unwrap().success());
        None
    };
    let (theirs, ours) = in_turn(9, save, read_all);
    println!(
        "{RULES} rules in {chains} chains: iptables-nft-save {theirs:.2?}, read {ours:.2?} (medians of 9)"
    );
}

fn one_chain() {
    let (bare, ours) = in_turn(3, bare_dump, read_all);
    let times = ours.as_secs_f64() / bare.as_secs_f64();
    println!(
        "{RULES} rules in one chain: bare dump {bare:.2?}, read {ours:.2?}, {times:.2} times (medians of 3)"
    );
}

fn read_all() -> Option<Ruleset> {
    let ruleset = read(&Options::default()).unwrap().0;
    let rules: usize =
        ruleset.tables.iter().flat_map(|table| &table.chains).map(|chain| chain.rules.len()).sum();
    assert_eq!(rules, RULES);
    Some(ruleset)
}

/// The kernel's answer, unread.
fn bare_dump() -> Option<Ruleset> {
    let mut payload = Writer::new();
    payload.raw(&[2, 0, 0, 0]).text(1, "filter").text(2, "c0");
    let mut count = 0;
    let take = |_: u16, _: &[u8]| count += 1;
    Socket::open(Protocol::Netfilter)
        .unwrap()
        .ask(10 << 8 | 7, flags::DUMP, payload.into_bytes(), take)
        .unwrap();
    assert_eq!(count, RULES);
    None
}

/// Medians of both, taken one after the other so that a busy machine slows down both.
fn in_turn(
    runs: usize,
    one: impl Fn() -> Option<Ruleset>,
    other: impl Fn() -> Option<Ruleset>,
) -> (Duration, Duration) {
    let timed = |what: &dyn Fn() -> Option<Ruleset>| {
        let begin = Instant::now();
        let found = what();
        let time = begin.elapsed();
        // Giving back the memory is not reading.
        drop(found);
        time
    };
    let (mut left, mut right): (Vec<_>, Vec<_>) = (0..runs).map(|_| (timed(&one), timed(&other))).unzip();
    left.sort_unstable();
    right.sort_unstable();
    (left[runs / 2], right[runs / 2])
}
