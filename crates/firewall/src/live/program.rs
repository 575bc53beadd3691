//! Runs the programs whose text is needed: no shell, known folders, plain locale, and an end.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Where they are looked for. The environment of whoever calls us is not asked.
const FOLDERS: [&str; 5] = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin"];
/// After this a program that says nothing is ended.
const PATIENCE: Duration = Duration::from_secs(120);

/// Why a program gave no text.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It is not installed.
    #[error("{name} is not installed")]
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// It could not be started or read.
    #[error("{name} can't be run")]
    Unrunnable {
        /// Its name.
        name: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It never ended.
    #[error("{name} did not end within {} seconds", PATIENCE.as_secs())]
    Endless {
        /// Its name.
        name: &'static str,
    },
    /// It ended with an error.
    #[error("{name} failed: {message}")]
    Failed {
        /// Its name.
        name: &'static str,
        /// What it said.
        message: String,
    },
}

/// Where a program is.
pub fn path(name: &str) -> Option<PathBuf> {
    FOLDERS.iter().map(|folder| PathBuf::from(folder).join(name)).find(|path| path.is_file())
}

/// What a program prints, in the network namespace of this thread.
///
/// # Errors
/// [`ProgramError`].
pub fn output(name: &'static str, arguments: &[&str]) -> Result<Vec<u8>, ProgramError> {
    let path = path(name).ok_or(ProgramError::Missing { name })?;
    let unrunnable = |source| ProgramError::Unrunnable { name, source };
    let mut child = Command::new(path)
        .args(arguments)
        .env_clear()
        .env("LC_ALL", "C")
        .env("PATH", FOLDERS.join(":"))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(unrunnable)?;
    let out = drain(child.stdout.take());
    let errors = drain(child.stderr.take());
    let text = match out.recv_timeout(PATIENCE) {
        Ok(text) => text.map_err(unrunnable),
        Err(_) => Err(ProgramError::Endless { name }),
    };
    if text.is_err() {
        end(&mut child);
    }
    let status = child.wait().map_err(unrunnable)?;
    let text = text?;
    if status.success() {
        return Ok(text);
    }
    let said = errors.recv().ok().and_then(Result::ok).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let message = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it gave no reason").to_owned();
    Err(ProgramError::Failed { name, message })
}

/// Reads a pipe to its end, beside us: neither pipe may fill up.
fn drain(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<std::io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = pipe.map_or(Ok(0), |mut pipe| pipe.read_to_end(&mut bytes));
        // Nobody listens any more if the program was ended.
        let _ = sender.send(result.map(|_| bytes));
    });
    receiver
}

fn end(child: &mut Child) {
    // It may have ended by itself meanwhile.
    let _ = child.kill();
}
