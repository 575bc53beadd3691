//! Runs the iptables programs: by name from the usual folders, with a clean environment, never through a shell.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Where root's programs are.
const FOLDERS: &[&str] = &["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin"];

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It is not installed.
    #[error("{0} is not installed")]
    Absent(String),
    /// It could not be run.
    #[error("{name} could not be run")]
    Run {
        /// Which.
        name: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It refused what it was given.
    #[error("{name} refuses: {message}")]
    Refused {
        /// Which.
        name: String,
        /// Its own words.
        message: String,
        /// The line of its input that it complained about.
        line: Option<usize>,
    },
}

/// A program that is running.
pub(super) struct Running {
    name: String,
    child: Child,
}

/// Where the program is.
fn found(name: &str) -> Result<PathBuf, ProgramError> {
    let places = FOLDERS.iter().map(|folder| PathBuf::from(folder).join(name));
    places.into_iter().find(|path| path.exists()).ok_or_else(|| ProgramError::Absent(name.to_owned()))
}

/// Starts it and hands it its input.
pub(super) fn start(
    name: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
    input: &str,
) -> Result<Running, ProgramError> {
    let failed = |source| ProgramError::Run { name: name.to_owned(), source };
    let mut child = Command::new(found(name)?)
        .args(arguments)
        .env_clear()
        .env("PATH", FOLDERS.join(":"))
        .env("LC_ALL", "C")
        .envs(variables.iter().copied())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut stdin = child.stdin.take().expect("it was asked for");
    // A program that ends early closes its input: what it said is more use than the broken pipe.
    let _ = stdin.write_all(input.as_bytes());
    Ok(Running { name: name.to_owned(), child })
}

impl Running {
    /// Waits for its end; gives what it printed.
    pub fn finish(mut self) -> Result<String, ProgramError> {
        let failed = |source| ProgramError::Run { name: self.name.clone(), source };
        // What it complains about is short: it fits into the pipe while the output is read.
        let mut output = Vec::new();
        let mut stdout = self.child.stdout.take().expect("it was asked for");
        stdout.read_to_end(&mut output).map_err(failed)?;
        let rest = self.child.wait_with_output().map_err(failed)?;
        if rest.status.success() {
            return Ok(String::from_utf8_lossy(&output).into_owned());
        }
        let said = String::from_utf8_lossy(&rest.stderr);
        let line = said.split("line").skip(1).find_map(number_at_start);
        let message = said
            .lines()
            .map(|line| line.split_once("): ").map_or(line, |(_, rest)| rest).trim())
            .find(|line| !line.is_empty())
            .map_or_else(|| rest.status.to_string(), str::to_owned);
        Err(ProgramError::Refused { name: self.name, message, line })
    }
}

fn number_at_start(text: &str) -> Option<usize> {
    let text = text.trim_start_matches([' ', ':']);
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
