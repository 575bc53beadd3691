//! What the tests need from outside: Debian's packages, and npm's.
//!
//! As root on Debian it is installed; otherwise it is named, and the tests that need it say
//! `skipped: why`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::steps::{Outcome, Program};
use crate::tally::Tally;

/// A program that tests use.
struct Need {
    /// Any of these will do.
    programs: &'static [&'static str],
    /// Debian's packages, by spaces.
    packages: &'static str,
    /// What is skipped without it.
    what_for: &'static str,
}

const NEEDS: &[Need] = &[
    Need { programs: &["cc"], packages: "gcc", what_for: "building (the embedded database is C)" },
    Need { programs: &["git"], packages: "git", what_for: "tidy" },
    Need { programs: &["node"], packages: "nodejs", what_for: "browser journeys, type check of /web" },
    Need { programs: &["npm"], packages: "npm", what_for: "browser journeys, type check of /web" },
    Need {
        programs: &["chromium", "chromium-browser"],
        packages: "chromium fonts-liberation",
        what_for: "browser journeys",
    },
    Need {
        programs: &["prometheus-alertmanager", "alertmanager"],
        packages: "prometheus-alertmanager",
        what_for: "the acceptance test",
    },
    Need {
        programs: &["strace"],
        packages: "strace",
        what_for: "the tests that acknowledged means on disk, and that a kill harms no change",
    },
    Need {
        programs: &["ip"],
        packages: "iproute2",
        what_for: "network namespaces of the firewall tool's tests",
    },
    Need { programs: &["nft"], packages: "nftables", what_for: "the firewall tool on nft's own rules" },
    Need {
        programs: &["iptables"],
        packages: "iptables",
        what_for: "the firewall tool on live rules: both backends, IPv4 and IPv6, verdicts against the kernel",
    },
    Need { programs: &["ipset"], packages: "ipset", what_for: "the firewall tool on rules that name ipsets" },
    Need { programs: &["conntrack"], packages: "conntrack", what_for: "the firewall tool's live flows" },
    Need { programs: &["sshd"], packages: "openssh-server", what_for: "ways in, and lockout: a real sshd" },
    Need { programs: &["ssh"], packages: "openssh-client", what_for: "ways in, and lockout: real logins" },
    Need { programs: &["ufw"], packages: "ufw", what_for: "ufw's story, and what ufw accepts" },
    // Large, and of use to one test.
    Need { programs: &["dockerd"], packages: "docker.io", what_for: "a port that a real Docker published" },
    Need { programs: &["busybox"], packages: "busybox-static", what_for: "what runs in that Docker" },
];

/// Where a program is, as the shell would find it.
pub fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn missing() -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| !need.programs.iter().any(|name| installed(name).is_some())).collect()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Brings the programs, or names those that are missing.
pub fn programs(root: &Path) -> Outcome {
    let wanted = missing();
    if wanted.is_empty() {
        println!("all there");
        return Outcome::Passed(Tally::default());
    }
    let packages: Vec<&str> = wanted.iter().flat_map(|need| need.packages.split(' ')).collect();
    if is_root() && installed("apt-get").is_some() {
        install(root, &packages);
    }
    let left = missing();
    for need in &left {
        println!(
            "skipped: {} is not installed (Debian: {}): {}",
            need.programs[0], need.packages, need.what_for
        );
    }
    if left.is_empty() {
        return Outcome::Passed(Tally::default());
    }
    let names: Vec<&str> = left.iter().map(|need| need.packages).collect();
    Outcome::Skipped(format!("to run everything: apt-get install {}", names.join(" ")))
}

/// Installs packages; a first attempt without asking for newer lists, since most often they are there.
fn install(root: &Path, packages: &[&str]) {
    let policy = NoServices::new();
    let words = ["apt-get", "install", "--yes", "--no-install-recommends"];
    let program = Program::new(root, &words)
        .args(packages.iter().map(|name| (*name).into()))
        .env("DEBIAN_FRONTEND", "noninteractive");
    if program.run() == Outcome::Passed(Tally::default()) {
        return;
    }
    Program::new(root, &["apt-get", "update", "--quiet"]).run();
    program.run();
    drop(policy);
}

/// While it lives, installing a package starts no service: Debian's own way, a policy file.
struct NoServices {
    file: Option<PathBuf>,
}

impl NoServices {
    fn new() -> Self {
        let file = PathBuf::from("/usr/sbin/policy-rc.d");
        if file.exists() || std::fs::write(&file, "#!/bin/sh\nexit 101\n").is_err() {
            return NoServices { file: None };
        }
        let _ = Command::new("chmod").arg("755").arg(&file).status();
        NoServices { file: Some(file) }
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// The oldest node whose test runner does what the journeys need.
const NODE: u32 = 20;

/// The major version in `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Brings the npm packages of e2e, unless they are there as the lock file wants them.
pub fn npm(root: &Path) -> Outcome {
    let folder = root.join("e2e");
    if installed("npm").is_none() || installed("node").is_none() {
        return Outcome::Skipped("node or npm is not installed".into());
    }
    let version = Program::new(&folder, &["node", "--version"]).output().unwrap_or_default();
    if major(&version).is_none_or(|major| major < NODE) {
        return Outcome::Skipped(format!("node {} is older than {NODE}", version.trim()));
    }
    if is_newer(&folder.join("node_modules/.package-lock.json"), &folder.join("package-lock.json")) {
        println!("all there");
        return Outcome::Passed(Tally::default());
    }
    Program::new(&folder, &["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]).run()
}

fn is_newer(file: &Path, than: &Path) -> bool {
    let changed = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    matches!((changed(file), changed(than)), (Some(file), Some(than)) if file >= than)
}

/// `cargo xtask needs`.
pub fn run(root: &Path) -> ExitCode {
    let mut steps = crate::steps::Steps::default();
    steps.step("Programs", || programs(root));
    steps.step("npm packages", || npm(root));
    steps.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node() {
        assert_eq!(major("v20.11.1\n"), Some(20));
        assert_eq!(major("20"), None);
        assert_eq!(major(""), None);
    }

    #[test]
    fn finds_what_is_there() {
        assert!(installed("sh").is_some());
        assert_eq!(installed("no-such-program"), None);
    }
}
