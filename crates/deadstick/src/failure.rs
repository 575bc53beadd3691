//! How a verb ends, and the one place where an error is printed.

use std::fmt;
use std::io::Write;

use api::Problem;

use crate::output::printable;

/// How a verb ends when nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Done; exit status 0.
    Done,
    /// The answer is no; exit status 1.
    No,
}

/// What sort of failure it is: decides the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The command line can't be understood; exit status 2.
    Usage,
    /// It was refused, or several things could have been meant; exit status 3.
    Refused,
    /// Disk, network, permissions, another server; exit status 4.
    Environment,
}

/// A verb that could not do what it was asked: what, why, what to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// Decides the exit status.
    pub sort: Sort,
    /// What is told.
    pub problem: Box<Problem>,
}

impl Failure {
    /// The command line can't be understood.
    pub fn usage(code: &str, title: impl Into<String>) -> Self {
        Failure { sort: Sort::Usage, problem: Box::new(Problem::new(400, code, title)) }
    }

    /// It was refused.
    pub fn refused(code: &str, title: impl Into<String>) -> Self {
        Failure { sort: Sort::Refused, problem: Box::new(Problem::new(409, code, title)) }
    }

    /// The machine or the network stands in the way.
    pub fn environment(code: &str, title: impl Into<String>) -> Self {
        Failure { sort: Sort::Environment, problem: Box::new(Problem::new(500, code, title)) }
    }

    /// As the server answered: its own troubles are the environment, the rest is a refusal.
    pub fn answered(problem: Problem) -> Self {
        let sort = match problem.status {
            401 | 500.. => Sort::Environment,
            _ => Sort::Refused,
        };
        Failure { sort, problem: Box::new(problem) }
    }

    /// Nobody reads the answer any more, as behind `| head`: no failure to be told.
    pub fn unread() -> Self {
        Self::environment("stdout-closed", "Nobody reads the answer any more.")
    }

    /// Whether nobody reads the answer any more.
    pub fn is_unread(&self) -> bool {
        self.problem.code == "stdout-closed"
    }

    /// With why.
    #[must_use]
    pub fn why(mut self, why: impl fmt::Display) -> Self {
        self.problem.detail = Some(why.to_string());
        self
    }

    /// With what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.problem.hint = Some(hint.into());
        self
    }

    /// With what to choose from.
    #[must_use]
    pub fn choices(mut self, choices: impl IntoIterator<Item = String>) -> Self {
        self.problem.choices = choices.into_iter().collect();
        self
    }

    /// Its exit status.
    pub fn exit_status(&self) -> u8 {
        match self.sort {
            Sort::Usage => 2,
            Sort::Refused => 3,
            Sort::Environment => 4,
        }
    }

    /// Prints it on stderr: lines for people, or one problem document.
    pub fn print(&self, json: bool) {
        let mut stderr = anstream::stderr().lock();
        let text = if json {
            serde_json::to_string(&self.problem).expect("a problem is plain data")
        } else {
            self.lines()
        };
        // Nobody is left to tell when stderr itself is closed.
        let _ = writeln!(stderr, "{text}");
    }

    fn lines(&self) -> String {
        let problem = &self.problem;
        let style = anstyle::AnsiColor::Red.on_default().bold();
        let mut text = format!("{style}error:{style:#} {}", printable(&problem.title));
        let more = [("why", &problem.detail), ("do", &problem.hint)];
        if !problem.choices.is_empty() {
            text.push_str(&format!("\n  one of: {}", printable(&problem.choices.join(", "))));
        }
        for (label, part) in more {
            if let Some(part) = part {
                text.push_str(&format!("\n  {label}: {}", printable(part)));
            }
        }
        text
    }
}

/// An error with all that caused it, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(&format!(": {source}"));
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_why_and_what_to_do() {
        let failure = Failure::refused("ambiguous", "2 incidents are open")
            .choices(["INC-1".into(), "INC-2".into()])
            .hint("name one: --incident INC-1");
        let plain = anstream::adapter::strip_str(&failure.lines()).to_string();
        assert_eq!(
            plain,
            "error: 2 incidents are open\n  one of: INC-1, INC-2\n  do: name one: --incident INC-1"
        );
        assert_eq!(failure.exit_status(), 3);
    }

    #[test]
    fn a_servers_own_trouble_is_the_environment() {
        let check = |status, expected| {
            let failure = Failure::answered(Problem::new(status, "x", "y"));
            assert_eq!(failure.exit_status(), expected, "{status}");
        };
        check(404, 3);
        check(409, 3);
        check(422, 3);
        check(401, 4);
        check(507, 4);
    }
}
