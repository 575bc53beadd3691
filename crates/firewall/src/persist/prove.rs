//! Loading a boot file where it can do no harm: in a network namespace of its own, which goes with the thread.

use std::io::Write;
use std::process::{Command, Stdio};

use nix::sched::{CloneFlags, unshare};
use ruleset::{Family, Ruleset};

/// Why a boot file can't be trusted.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// No namespace.
    #[error("no private network namespace can be made")]
    Namespace(#[source] nix::errno::Errno),
    /// The program is missing.
    #[error("{program} can't be run")]
    Program {
        /// Which.
        program: &'static str,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// It does not load.
    #[error("{program} refuses it: {text}")]
    Refused {
        /// Which program.
        program: &'static str,
        /// What it said.
        text: String,
    },
}

/// Loads this text with iptables-restore in a private namespace, in which the sets of `live` exist, empty.
pub fn prove(text: &str, family: Family, live: &Ruleset) -> Result<(), ProveError> {
    let sets: String =
        live.ipsets.iter().map(|set| format!("create {} {} {}\n", set.name, set.kind, set.options)).collect();
    let program = if family == Family::Ip6 { "ip6tables-restore" } else { "iptables-restore" };
    let attempt = || {
        unshare(CloneFlags::CLONE_NEWNET).map_err(ProveError::Namespace)?;
        if !sets.is_empty() {
            run("ipset", &["restore"], &sets)?;
        }
        run(program, &[], text)
    };
    std::thread::scope(|scope| scope.spawn(attempt).join().expect("the attempt does not panic"))
}

fn run(program: &'static str, arguments: &[&str], input: &str) -> Result<(), ProveError> {
    let failed = |error| ProveError::Program { program, error };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that stops reading says why on stderr.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let text = text.lines().next().unwrap_or("no reason given").to_owned();
    Err(ProveError::Refused { program, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_load_is_refused() {
        if !nix::unistd::geteuid().is_root() {
            eprintln!("skipped: not root");
            return;
        }
        let table = |rule: &str| format!("*filter\n:INPUT ACCEPT [0:0]\n{rule}\nCOMMIT\n");
        let load = |rule: &str| prove(&table(rule), Family::Ip, &Ruleset::default());
        match load("-A INPUT -p tcp --dport 22 -j ACCEPT") {
            Err(ProveError::Program { .. }) => {
                eprintln!("skipped: iptables-restore is not installed");
                return;
            }
            result => result.unwrap(),
        }
        assert!(matches!(load("-A NOWHERE -j ACCEPT"), Err(ProveError::Refused { .. })));
    }
}
