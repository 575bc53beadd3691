//! `status` and one `allow` with 100 rules: deadstick-fw beside ufw, each as a whole process in namespaces of its own.
//!
//! `cargo build --release -p firewall && cargo run --release -p firewall --example against_ufw` as root, with ufw and iptables installed.
#![expect(clippy::unwrap_used, reason = "a benchmark that can't go on fails")]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use firewall::playground;

/// Rules that are there before anything is timed.
const RULES: u16 = 100;
/// Runs of each; the median counts.
const RUNS: u16 = 9;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["inside", tool] => inside(tool),
        ["enter", tool] => {
            let status = playground::enter(&["inside".to_owned(), tool.to_owned()]).unwrap();
            std::process::exit(status.code().unwrap_or(1));
        }
        _ => side_by_side(),
    }
}

/// Each tool in a process of its own, since nobody can leave the namespaces that he entered.
fn side_by_side() {
    let own = std::env::current_exe().unwrap();
    let figures = |tool: &str| -> Vec<f64> {
        let output = Command::new(&own).args(["enter", tool]).stderr(Stdio::inherit()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{tool}: {text}");
        text.split_whitespace().map(|word| word.parse().unwrap()).collect()
    };
    let (ufw, deadstick) = (figures("ufw"), figures("deadstick-fw"));
    println!("{RULES} rules, medians of {RUNS}, milliseconds");
    for (index, what) in ["status", "allow"].iter().enumerate() {
        let (slow, fast) = (ufw[index], deadstick[index]);
        println!("{what:>6}: ufw {slow:.1}, deadstick-fw {fast:.1}, {:.1} times faster", slow / fast);
    }
}

fn inside(tool: &str) {
    playground::watch();
    playground::make_private().unwrap();
    run("ip", &["link", "set", "lo", "up"]);
    let binary = std::env::current_exe().unwrap();
    let program = match tool {
        "ufw" => PathBuf::from("ufw"),
        _ => binary.parent().and_then(std::path::Path::parent).unwrap().join("deadstick-fw"),
    };
    let program = program.to_str().unwrap().to_owned();
    if tool == "ufw" {
        run("ufw", &["--force", "enable"]);
        (0..RULES).for_each(|number| run("ufw", &["allow", &format!("{}/tcp", 10_000 + 2 * number)]));
    } else {
        run("iptables-nft", &["-P", "INPUT", "DROP"]);
        run("ip6tables-nft", &["-P", "INPUT", "DROP"]);
        for number in 0..RULES / 2 {
            let port = (10_000 + 2 * number).to_string();
            for program in ["iptables-nft", "ip6tables-nft"] {
                run(program, &["-A", "INPUT", "-p", "tcp", "--dport", &port, "-j", "ACCEPT"]);
            }
        }
    }
    let status = median((0..RUNS).map(|_| timed(&program, &["status"])).collect());
    let allow = |number: u16| {
        let port = format!("{}/tcp", 30_000 + 2 * number);
        let more: &[&str] = if tool == "ufw" { &[] } else { &["--no-confirm", "--yes"] };
        timed(&program, &[&["allow", &port], more].concat())
    };
    let allow = median((0..RUNS).map(allow).collect());
    println!("{status} {allow}");
}

fn run(program: &str, arguments: &[&str]) {
    timed(program, arguments);
}

fn timed(program: &str, arguments: &[&str]) -> Duration {
    let start = Instant::now();
    let output = Command::new(program)
        .args(arguments)
        .env("DEADSTICK_FW_STATE", "/run/deadstick-fw")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let took = start.elapsed();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {complaint}");
    took
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1_000.0
}
