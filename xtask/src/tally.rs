//! What a test runner's lines say: how many passed, failed, were skipped.

use std::ops::AddAssign;

/// How many tests passed, failed, were skipped, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Ran and held.
    pub passed: u64,
    /// Ran and did not hold.
    pub failed: u64,
    /// Did not run to their end, for want of something.
    pub skipped: u64,
    /// The reasons, as the tests gave them, without doubles.
    pub reasons: Vec<String>,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        for reason in other.reasons {
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
    }
}

/// Who prints the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// `cargo nextest run`.
    Nextest,
    /// `cargo test`.
    Libtest,
    /// `node --test`.
    Node,
}

/// Reads a runner's lines one by one.
#[derive(Debug)]
pub struct Reader {
    runner: Runner,
    tally: Tally,
    /// Tests that ended well but said `skipped: why`.
    said_skipped: u64,
    /// Whether the test whose output is being read has said so already.
    is_counted: bool,
}

impl Reader {
    /// A reader of this runner's lines.
    pub fn new(runner: Runner) -> Self {
        Reader { runner, tally: Tally::default(), said_skipped: 0, is_counted: false }
    }

    /// Takes one line; whether it is worth showing as it comes.
    pub fn line(&mut self, line: &str) -> bool {
        // libtest's own lines are not indented; what a test itself prints of that sort may be.
        let line = if self.runner == Runner::Libtest { line.trim_end() } else { line.trim() };
        if let Some(reason) = line.strip_prefix("skipped: ") {
            if !self.is_counted {
                self.said_skipped += 1;
                self.is_counted = true;
            }
            if !self.tally.reasons.iter().any(|known| known == reason) {
                self.tally.reasons.push(reason.into());
                return true;
            }
            return false;
        }
        match self.runner {
            Runner::Nextest => self.nextest(line),
            Runner::Libtest => self.libtest(line),
            Runner::Node => self.node(line),
        }
    }

    /// `PASS [ 0.1s] crate test`, and at the end `Summary [ 1.2s] 10 tests run: 9 passed, 1 failed, 2 skipped`.
    fn nextest(&mut self, line: &str) -> bool {
        let first = line.split_whitespace().next().unwrap_or_default();
        if ["PASS", "FAIL", "LEAK", "TIMEOUT", "SIGKILL", "SIGABRT", "SIGSEGV"].contains(&first) {
            self.is_counted = false;
        }
        if first == "Summary" {
            let counts = line.rsplit_once("run:").map_or("", |(_, counts)| counts);
            for part in counts.split(',') {
                let mut words = part.split_whitespace();
                let (Some(count), Some(word)) = (words.next().and_then(|n| n.parse().ok()), words.next())
                else {
                    continue;
                };
                match word {
                    "passed" => self.tally.passed = count,
                    "failed" | "timed" | "exec" => self.tally.failed += count,
                    // Those that were left out.
                    _ => {}
                }
            }
        }
        ["FAIL", "SLOW", "TIMEOUT", "LEAK", "Summary"].contains(&first)
    }

    /// `test result: ok. 3 passed; 0 failed; 1 ignored; ...`, once a program.
    fn libtest(&mut self, line: &str) -> bool {
        if line.starts_with("---- ") {
            self.is_counted = false;
        }
        let Some(counts) = line.strip_prefix("test result:") else {
            return line.starts_with("test ") && line.ends_with("FAILED");
        };
        for part in counts.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(count), Some(word)) = (words.next().and_then(|n| n.parse::<u64>().ok()), words.next())
            else {
                continue;
            };
            match word {
                "passed" => self.tally.passed += count,
                "failed" => self.tally.failed += count,
                _ => {}
            }
        }
        false
    }

    /// `# pass 3` and the like at the end; a skip says why on its own line.
    fn node(&mut self, line: &str) -> bool {
        // Node counts what is skipped by itself.
        self.said_skipped = 0;
        self.is_counted = true;
        let mut words = line.trim_start_matches(['#', 'ℹ', ' ']).split_whitespace();
        if let (Some(word), Some(count), None) =
            (words.next(), words.next().and_then(|n| n.parse().ok()), words.next())
        {
            match word {
                "pass" => self.tally.passed = count,
                "fail" => self.tally.failed += count,
                "cancelled" => self.tally.failed += count,
                "skipped" => self.tally.skipped = count,
                _ => {}
            }
        }
        line.starts_with("ok ") || line.starts_with("not ok ")
    }

    /// What was read.
    pub fn finish(mut self) -> Tally {
        self.tally.passed = self.tally.passed.saturating_sub(self.said_skipped);
        self.tally.skipped += self.said_skipped;
        self.tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(runner: Runner, text: &str, expected: (u64, u64, u64, &[&str])) {
        let mut reader = Reader::new(runner);
        text.lines().for_each(|line| {
            reader.line(line);
        });
        let tally = reader.finish();
        let reasons: Vec<&str> = tally.reasons.iter().map(String::as_str).collect();
        assert_eq!((tally.passed, tally.failed, tally.skipped, reasons.as_slice()), expected);
    }

    #[test]
    fn nextest() {
        let text = "        PASS [   0.004s] (1/4) fact tree::tests::one
        PASS [   0.004s] (2/4) server strace
  stderr ───
    skipped: strace is not installed
    skipped: strace is not installed
        PASS [   0.004s] (3/4) server strace2
  stderr ───
    skipped: strace is not installed
        FAIL [   0.010s] (4/4) server broken
     Summary [   1.200s] 4 tests run: 3 passed, 1 failed, 2 skipped";
        check(Runner::Nextest, text, (1, 1, 2, &["strace is not installed"]));
        let text =
            "     Summary [   1.200s] 5/9 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 0 skipped";
        check(Runner::Nextest, text, (3, 2, 0, &[]));
    }

    #[test]
    fn libtest() {
        let text = "test a ... ok\ntest b ... FAILED\n\nsuccesses:\n\n---- a stdout ----\nskipped: no root\n
test result: FAILED. 1 passed; 1 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        check(Runner::Libtest, text, (7, 1, 1, &["no root"]));
    }

    #[test]
    fn node() {
        let text = "skipped: chromium not installed\nok 1 - a # SKIP chromium not installed
# tests 4\n# suites 0\n# pass 2\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n# duration_ms 15";
        check(Runner::Node, text, (2, 1, 1, &["chromium not installed"]));
    }
}
