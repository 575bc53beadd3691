//! Steps: a heading, a duration, what came of it, and a summary at the end.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::tally::{Reader, Runner, Tally};

/// How many of the last lines of a failed program are shown.
const LAST_LINES: usize = 400;

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It held.
    Passed(Tally),
    /// It did not.
    Failed(Tally),
    /// It could not run; why.
    Skipped(String),
}

/// Steps that were done.
#[derive(Debug, Default)]
pub struct Steps {
    done: Vec<(String, Duration, Outcome)>,
}

impl Steps {
    /// Does one step under a heading.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> Outcome) -> bool {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        let took = start.elapsed();
        match &outcome {
            Outcome::Passed(_) => println!("-- {name}: done in {}", seconds(took)),
            Outcome::Failed(_) => println!("-- {name}: FAILED after {}", seconds(took)),
            Outcome::Skipped(why) => println!("skipped: {name}: {why}"),
        }
        let is_good = !matches!(outcome, Outcome::Failed(_));
        self.done.push((name.into(), took, outcome));
        is_good
    }

    /// The counts over all steps: a step without tests of its own counts as one.
    fn tally(&self) -> Tally {
        let mut all = Tally::default();
        for (name, _, outcome) in &self.done {
            match outcome {
                Outcome::Passed(tally) if tally.passed + tally.failed + tally.skipped == 0 => {
                    all += Tally { passed: 1, ..tally.clone() };
                }
                Outcome::Passed(tally) => all += tally.clone(),
                // A runner that failed without a failed test (it did not compile) is one failure.
                Outcome::Failed(tally) => all += Tally { failed: tally.failed.max(1), ..tally.clone() },
                Outcome::Skipped(why) => {
                    all += Tally { skipped: 1, reasons: vec![format!("{name}: {why}")], ..Tally::default() };
                }
            }
        }
        all
    }

    /// Prints the summary; its last line is the one that machines read.
    pub fn finish(self) -> ExitCode {
        println!("\n== Summary");
        for (name, took, outcome) in &self.done {
            let (word, tally) = match outcome {
                Outcome::Passed(tally) => ("ok", tally.clone()),
                Outcome::Failed(tally) => ("FAILED", tally.clone()),
                Outcome::Skipped(_) => ("skipped", Tally::default()),
            };
            let counts = match tally {
                Tally { passed: 0, failed: 0, skipped: 0, .. } => String::new(),
                Tally { passed, failed, skipped, .. } => {
                    format!("  {passed} passed, {failed} failed, {skipped} skipped")
                }
            };
            println!("{word:<8}{:>8}  {name}{counts}", seconds(*took));
        }
        let tally = self.tally();
        for reason in &tally.reasons {
            println!("skipped: {reason}");
        }
        let total = self.done.iter().map(|(_, took, _)| *took).sum();
        println!("took {}", seconds(total));
        println!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
        if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn seconds(took: Duration) -> String {
    match took.as_secs() {
        0..60 => format!("{:.1} s", took.as_secs_f64()),
        long => format!("{}:{:02} min", long / 60, long % 60),
    }
}

/// A program to run in a folder.
#[derive(Debug, Clone)]
pub struct Program {
    folder: PathBuf,
    words: Vec<String>,
    env: Vec<(String, String)>,
}

impl Program {
    /// A program with its arguments, as words.
    pub fn new(folder: &Path, words: &[&str]) -> Self {
        Program {
            folder: folder.into(),
            words: words.iter().map(|word| (*word).into()).collect(),
            env: Vec::new(),
        }
    }

    /// With more arguments.
    #[must_use]
    pub fn args(mut self, words: impl IntoIterator<Item = String>) -> Self {
        self.words.extend(words);
        self
    }

    /// With a variable set.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).current_dir(&self.folder).stdin(Stdio::null());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it with its output as it comes.
    pub fn run(&self) -> Outcome {
        println!("$ {}", self.words.join(" "));
        match self.command().status() {
            Ok(status) if status.success() => Outcome::Passed(Tally::default()),
            Ok(_) => Outcome::Failed(Tally::default()),
            Err(error) => {
                println!("{} could not be started: {error}", self.words[0]);
                Outcome::Failed(Tally::default())
            }
        }
    }

    /// What it prints, if it exits 0.
    pub fn output(&self) -> Option<String> {
        let output = self.command().stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs tests and counts them: what matters is shown as it comes, all of the end if it fails.
    pub fn tests(&self, runner: Runner) -> Outcome {
        println!("$ {}", self.words.join(" "));
        let mut child = match self.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(error) => {
                println!("{} could not be started: {error}", self.words[0]);
                return Outcome::Failed(Tally::default());
            }
        };
        let (sender, lines) = mpsc::channel();
        let stdout = child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn std::io::Read + Send>);
        let stderr = child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn std::io::Read + Send>);
        for pipe in [stdout, stderr].into_iter().flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut pipe = BufReader::new(pipe);
                let mut line = Vec::new();
                while pipe.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                    // The receiver lives until both pipes are closed.
                    let _ = sender.send(String::from_utf8_lossy(&line).trim_end().to_owned());
                    line.clear();
                }
            });
        }
        drop(sender);
        let mut reader = Reader::new(runner);
        let mut last = VecDeque::new();
        for line in lines {
            if reader.line(&line) {
                println!("  {}", line.trim());
            }
            if last.len() == LAST_LINES {
                last.pop_front();
            }
            last.push_back(line);
        }
        let is_good = child.wait().is_ok_and(|status| status.success());
        let tally = reader.finish();
        if is_good && tally.failed == 0 {
            return Outcome::Passed(tally);
        }
        println!("  ... the last {} lines:", last.len());
        last.iter().for_each(|line| println!("  {line}"));
        Outcome::Failed(tally)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_program_is_a_failure_even_without_tests() {
        let here = Path::new(".");
        assert_eq!(Program::new(here, &["true"]).run(), Outcome::Passed(Tally::default()));
        assert_eq!(Program::new(here, &["false"]).tests(Runner::Libtest), Outcome::Failed(Tally::default()));
        assert_eq!(Program::new(here, &["no-such-program"]).run(), Outcome::Failed(Tally::default()));
    }

    #[test]
    fn every_step_counts() {
        let one = |outcome| ("step".to_owned(), Duration::ZERO, outcome);
        let three = Tally { passed: 3, skipped: 1, reasons: vec!["no root".into()], ..Tally::default() };
        let steps = Steps {
            done: vec![
                one(Outcome::Passed(Tally::default())),
                one(Outcome::Passed(three)),
                one(Outcome::Failed(Tally::default())),
                one(Outcome::Skipped("no browser".into())),
            ],
        };
        let reasons = vec!["no root".into(), "step: no browser".into()];
        assert_eq!(steps.tally(), Tally { passed: 4, failed: 1, skipped: 2, reasons });
    }

    #[test]
    fn tests_that_fail_are_counted_though_the_program_exits_0() {
        let program =
            Program::new(Path::new("."), &["echo", "test result: FAILED. 3 passed; 2 failed; 0 ignored"]);
        let expected = Tally { passed: 3, failed: 2, ..Tally::default() };
        assert_eq!(program.tests(Runner::Libtest), Outcome::Failed(expected));
    }
}
