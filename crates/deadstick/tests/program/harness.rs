//! A server process of one's own, and the command line that talks to it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A temporary directory with a data directory in it, and the server that runs there.
pub struct Site {
    directory: tempfile::TempDir,
    server: Option<Running>,
}

/// A server process; gone with the value.
pub struct Running {
    child: Child,
    /// Its first line.
    pub ready: Value,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, without anything of the surroundings that could steer it.
pub fn deadstick() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deadstick"));
    command.env_clear().env("TZ", "UTC").env("USER", "ana").env("LANG", "C.UTF-8").stdin(Stdio::null());
    for name in ["PATH", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Starts `serve --json` with these arguments; `Err` holds what it said instead of being ready.
pub fn serve(arguments: &[&str], home: &Path) -> Result<Running, Output> {
    let mut child = deadstick()
        .args(["serve", "--json"])
        .env("DEADSTICK_LISTEN", "127.0.0.1:0")
        .args(arguments)
        .env("HOME", home)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("stdout is piped");
    BufReader::new(stdout).read_line(&mut line).expect("stdout can be read");
    match serde_json::from_str(&line) {
        Ok(ready) => {
            drain(&mut child);
            Ok(Running { child, ready })
        }
        Err(_) => Err(child.wait_with_output().expect("the program ends")),
    }
}

/// Its log must not fill the pipe.
fn drain(child: &mut Child) {
    let mut stderr = child.stderr.take().expect("stderr is piped");
    std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
}

impl Site {
    /// Without a server yet.
    pub fn new() -> Self {
        Site { directory: tempfile::tempdir().expect("a temporary directory"), server: None }
    }

    /// With a server.
    pub fn with_server() -> Self {
        let mut site = Site::new();
        site.start();
        site
    }

    /// The temporary directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Starts the server.
    pub fn start(&mut self) {
        let data = self.data();
        let running = serve(&["--data", data.to_str().expect("a plain path")], self.path());
        self.server =
            Some(running.unwrap_or_else(|said| panic!("{}", String::from_utf8_lossy(&said.stderr))));
    }

    /// The running server.
    pub fn server(&self) -> &Running {
        self.server.as_ref().expect("a server runs")
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Ends it with SIGTERM; its exit status.
    pub fn stop(&mut self) -> Option<i32> {
        let mut running = self.server.take().expect("a server runs");
        let pid = rustix::process::Pid::from_child(&running.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it can be signalled");
        running.child.wait().expect("it ends").code()
    }

    /// A verb on this data directory.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = deadstick();
        command.env("HOME", self.path()).env("DEADSTICK_DATA", self.data()).current_dir(self.path());
        command.args(arguments).output().expect("the program starts")
    }

    /// A verb with `--json` that must end well; what it prints.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {:?}: {stderr}", output.status);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    }

    /// A verb with `--json` that must fail; its exit status and the problem's code.
    pub fn problem(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{arguments:?}: nothing on stdout");
        let problem: Value = serde_json::from_slice(&output.stderr).unwrap_or_else(|error| {
            panic!("{arguments:?}: {error}: {}", String::from_utf8_lossy(&output.stderr))
        });
        (
            output.status.code().expect("an exit status"),
            problem["code"].as_str().unwrap_or_default().to_owned(),
        )
    }
}

impl Running {
    /// Where it listens.
    pub fn url(&self) -> &str {
        self.ready["url"].as_str().expect("a url")
    }
}
