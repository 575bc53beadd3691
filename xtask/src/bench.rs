//! `cargo xtask bench`: what docs/performance.md tells, measured on this machine.
//!
//! The benchmarks are examples of the crates that they measure, so that each can be run by itself.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::plan::target_folder;
use crate::steps::{Outcome, Program, Steps};
use crate::tally::Tally;

/// Name, crate, example, its arguments.
const EXAMPLES: &[(&str, &str, &str, &[&str])] = &[
    ("log", "store-sqlite", "bench_log", &["all"]),
    ("fold", "incident", "rebuild", &[]),
    ("screen", "server", "first_screen", &[]),
    ("live", "server", "webhook_to_browser", &[]),
    ("firewall-parse", "ruleset", "parse_dump", &[]),
    ("firewall-read", "firewall", "against_save", &[]),
    ("firewall-ufw", "firewall", "against_ufw", &[]),
];

/// Runs the benchmarks in release builds; with names, only those.
pub fn run(root: &Path, names: &[&str]) -> ExitCode {
    let known: Vec<&str> = EXAMPLES.iter().map(|(name, ..)| *name).chain(["program"]).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        eprintln!("there is no benchmark `{unknown}`; known are {}", known.join(", "));
        return ExitCode::from(2);
    }
    let is_wanted = |name: &str| names.is_empty() || names.contains(&name);
    let mut steps = Steps::default();
    if is_wanted("program") {
        steps.step("program: size, start, memory", || program(root));
    }
    for (name, package, example, args) in EXAMPLES.iter().filter(|(name, ..)| is_wanted(name)) {
        steps.step(&format!("{name}: {example}"), || {
            // What is timed as a whole process has to be built itself.
            let binary = ["cargo", "build", "--locked", "--quiet", "--release", "-p", package, "--bins"];
            let built = Program::new(root, &binary).run();
            if built != Outcome::Passed(Tally::default()) {
                return built;
            }
            let words = [
                "cargo",
                "run",
                "--locked",
                "--quiet",
                "--release",
                "-p",
                package,
                "--example",
                example,
                "--",
            ];
            Program::new(root, &[&words[..], args].concat()).run()
        });
    }
    steps.finish()
}

/// The release binary: how large, how soon ready, how much memory when nothing happens.
fn program(root: &Path) -> Outcome {
    let built =
        Program::new(root, &["cargo", "build", "--locked", "--quiet", "--release", "-p", "deadstick"]).run();
    if built != Outcome::Passed(Tally::default()) {
        return built;
    }
    match target_folder(root)
        .ok_or_else(|| "cargo does not say where it builds to".into())
        .and_then(|target| measure(&target))
    {
        Ok(()) => Outcome::Passed(Tally::default()),
        Err(what) => {
            println!("{what}");
            Outcome::Failed(Tally::default())
        }
    }
}

fn measure(target: &Path) -> Result<(), String> {
    let binary = target.join("release/deadstick");
    let size = binary.metadata().map_err(|error| error.to_string())?.len();
    println!("binary: {:.1} MB", megabytes(size));
    let data = std::env::temp_dir().join(format!("deadstick-bench-{}", std::process::id()));
    for what in ["a new directory", "the same again"] {
        let start = Instant::now();
        let mut server = Command::new(&binary)
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        let stdout = server.stdout.take().ok_or("the server has no stdout")?;
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        let took = start.elapsed();
        let resident = resident(server.id());
        let _ = server.kill();
        let _ = server.wait();
        if read.is_err() || !line.starts_with('{') {
            return Err(format!("the server did not say that it is ready: {line}"));
        }
        println!("ready with {what}: {:.0} ms", took.as_secs_f64() * 1_000.0);
        println!("resident when ready: {:.1} MB", megabytes(resident * 1_024));
    }
    std::fs::remove_dir_all(&data).map_err(|error| error.to_string())
}

fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1_000).unwrap_or(u32::MAX)) / 1_000.0
}

/// Resident memory in kilobytes, from the kernel (Linux).
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|text| text.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
