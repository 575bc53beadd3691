//! The real program as a child process, to be killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A running `deadstick serve`; killed when dropped.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    /// How it is reached.
    pub url: String,
    /// The first person's token.
    pub token: String,
    /// The first person's one-time link.
    pub login_url: String,
}

impl Child {
    /// Starts `program serve` on a directory, with a port that is free, and waits until it is ready.
    ///
    /// # Panics
    /// If it ends before, or says something else than the contract.
    pub fn start(program: &Path, dir: &Path) -> Self {
        let mut process = Command::new(program)
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdout = process.stdout.take().expect("stdout is a pipe");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("stdout can be read");
        let ready: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("the first line is {line:?}: {error}"));
        let text = |name: &str| ready[name].as_str().unwrap_or_default().to_owned();
        Child { process, url: text("url"), token: text("token"), login_url: text("login_url") }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Kills it with SIGKILL, as a power cut would, and waits until it is gone.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}
