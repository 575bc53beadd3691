//! `cargo xtask bench`: the benchmarks, which docs/performance.md explains.

use std::path::Path;
use std::process::ExitCode;

use crate::steps::{Program, Steps};

/// Runs the benchmarks of the crates; with names, only those.
pub fn run(root: &Path, names: &[&str]) -> ExitCode {
    let mut steps = Steps::default();
    let mut program = Program::new(root, &["cargo", "bench", "--locked", "--workspace"]);
    if names.is_empty() {
        program = program.args(["--benches".into()]);
    }
    for name in names {
        program = program.args(["--bench".into(), (*name).into()]);
    }
    steps.step("Benchmarks", || program.run());
    steps.finish()
}
