//! What can go wrong with a playground.

use std::io;

/// Why there is no playground.
#[derive(Debug, thiserror::Error)]
pub enum PlaygroundError {
    /// Namespaces are not to be had.
    #[error(
        "can't make namespaces for the playground; it needs root, or user namespaces that are allowed to everybody"
    )]
    Namespaces(#[source] nix::Error),
    /// A private copy of a folder failed.
    #[error("can't set up a private {0}")]
    Private(String, #[source] io::Error),
    /// A program is missing or failed.
    #[error("`{program}` {what}")]
    Program {
        /// What was run.
        program: String,
        /// What it said.
        what: String,
    },
    /// Anything with a file, a socket or a process.
    #[error("{0}")]
    Io(&'static str, #[source] io::Error),
    /// A part of the playground does not answer any more.
    #[error("{0} of the playground has ended")]
    Gone(&'static str),
}

/// Runs a program, without a shell; its output, or what it complained of.
pub fn run(program: &str, arguments: &[&str], input: Option<&str>) -> Result<String, PlaygroundError> {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let failed = |what: String| PlaygroundError::Program {
        program: format!("{program} {}", arguments.join(" ")),
        what,
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("can't be run: {error}")))?;
    if let (Some(text), Some(mut pipe)) = (input, child.stdin.take()) {
        pipe.write_all(text.as_bytes())
            .map_err(|error| failed(format!("did not read its input: {error}")))?;
    }
    let output = child.wait_with_output().map_err(|error| failed(format!("did not end well: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(failed(format!("failed: {}", String::from_utf8_lossy(&output.stderr).trim())))
}
