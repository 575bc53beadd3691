//! `cargo xtask test`: which checks there are, in which order.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::needs::{self, installed};
use crate::steps::{Outcome, Program, Steps};
use crate::tally::{Runner, Tally};
use crate::tidy;

/// Whether tests of a size that takes minutes run at that size, or at a smaller one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Soak {
    /// Only what every change is checked by.
    No,
    /// At full size: a million facts expire. Such tests look at the variable `DEADSTICK_FULL`.
    Yes,
}

/// Everything. What fails does not keep the rest from running, only what can't run without it.
pub fn test(root: &Path, soak: Soak) -> ExitCode {
    let mut steps = Steps::default();
    let cargo = |words: &[&str]| Program::new(root, &[&["cargo"], words].concat());
    steps.step("Programs that tests use", || needs::programs(root));
    steps.step("npm packages", || needs::npm(root));
    steps.step("Format", || cargo(&["fmt", "--all", "--check"]).run());
    steps.step("Tidy", || tidy::step(root));
    steps.step("Clippy", || {
        cargo(&[
            "clippy",
            "--locked",
            "--quiet",
            "--keep-going",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])
        .run()
    });
    // The same set of crates and targets as the tests, so that nothing is built twice.
    let is_built = steps.step("Build", || {
        cargo(&["build", "--locked", "--quiet", "--keep-going", "--workspace", "--bins", "--tests"]).run()
    });
    if is_built {
        steps.step("Rust tests", || rust_tests(root, soak));
        steps.step("Documentation tests", || {
            cargo(&["test", "--locked", "--quiet", "--workspace", "--doc"]).tests(Runner::Libtest)
        });
        steps.step("Type check of scripts", || type_check(root));
        steps.step("Browser journeys", || journeys(root));
    }
    steps.step("Documentation", || {
        cargo(&["doc", "--locked", "--quiet", "--keep-going", "--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", "-D warnings")
            .run()
    });
    steps.finish()
}

fn rust_tests(root: &Path, soak: Soak) -> Outcome {
    // The tests print `skipped: why`, and that has to be seen although they pass.
    if installed("cargo-nextest").is_some() {
        let words = ["cargo", "nextest", "run", "--locked", "--workspace", "--no-fail-fast", "--color=never"];
        let mut program = Program::new(root, &words).args(
            ["--success-output=immediate", "--failure-output=final", "--cargo-quiet"].map(String::from),
        );
        if soak == Soak::Yes {
            program = program.env("DEADSTICK_FULL", "1");
        }
        return program.tests(Runner::Nextest);
    }
    let words = [
        "cargo",
        "test",
        "--locked",
        "--quiet",
        "--workspace",
        "--lib",
        "--bins",
        "--tests",
        "--no-fail-fast",
    ];
    let mut program = Program::new(root, &words).args(["--", "--show-output"].map(String::from));
    if soak == Soak::Yes {
        program = program.env("DEADSTICK_FULL", "1");
    }
    program.tests(Runner::Libtest)
}

fn type_check(root: &Path) -> Outcome {
    let tsc = root.join("e2e/node_modules/.bin/tsc");
    if !tsc.exists() {
        return Outcome::Skipped("the npm packages are not there".into());
    }
    let tsc = tsc.display().to_string();
    for folder in ["e2e", "web"] {
        if !root.join(folder).join("tsconfig.json").exists() {
            println!("{folder} has no tsconfig.json");
            return Outcome::Failed(Tally::default());
        }
        let outcome = Program::new(root, &[&tsc, "--project", folder]).run();
        if outcome != Outcome::Passed(Tally::default()) {
            return outcome;
        }
    }
    Outcome::Passed(Tally::default())
}

fn journeys(root: &Path) -> Outcome {
    if !root.join("e2e/node_modules").exists() {
        return Outcome::Skipped("the npm packages are not there".into());
    }
    let Some(target) = target_folder(root) else {
        println!("cargo does not say where it builds to");
        return Outcome::Failed(Tally::default());
    };
    let mut files: Vec<String> = tidy::tracked(root)
        .into_iter()
        .filter(|path| path.starts_with("e2e/tests/") && path.ends_with(".test.mjs"))
        .collect();
    files.sort();
    Program::new(root, &["node", "--test", "--test-reporter=tap"])
        .args(files)
        .env("DEADSTICK_BIN", target.join("debug/deadstick").display().to_string())
        .tests(Runner::Node)
}

/// Where cargo builds to: not always `target`.
pub fn target_folder(root: &Path) -> Option<PathBuf> {
    let words = ["cargo", "metadata", "--locked", "--no-deps", "--format-version=1"];
    let text = Program::new(root, &words).output()?;
    let metadata: serde_json::Value = serde_json::from_str(&text).ok()?;
    metadata["target_directory"].as_str().map(PathBuf::from)
}
