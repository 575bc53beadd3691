//! What tests with a real kernel share.

use std::process::Command;

/// Says that a test can't run here, and counts as skipped.
#[macro_export]
macro_rules! skip_unless {
    ($obstacle:expr) => {
        if let Some(why) = $obstacle {
            eprintln!("skipped: {why}");
            return;
        }
    };
}

/// Set in a process that has its own namespaces.
const INSIDE: &str = "DEADSTICK_TEST_INSIDE";

/// Why a test with namespaces can't run, if so: not root, or one of these programs is missing.
pub fn obstacle(programs: &[&str]) -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("not root".to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |program: &str| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let missing = programs.iter().chain(&["unshare", "ip"]).find(|program| !is_there(program));
    missing.map(|program| format!("{program} is not installed"))
}

/// Runs the test `name` again as the first process of fresh namespaces (network, mounts, processes); `true` in there.
///
/// Whatever it begins ends with it. /run is empty and private.
#[track_caller]
pub fn inside(name: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        use nix::mount::{MsFlags, mount};
        let none = None::<&str>;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
        mount(Some("tmpfs"), "/run", Some("tmpfs"), MsFlags::empty(), none).unwrap();
        run("ip", &["link", "set", "lo", "up"]);
        return true;
    }
    let status = Command::new("unshare")
        .args(["--net", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc", "--"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{name} failed in its namespaces");
    false
}

/// Runs a program that has to succeed; its output.
#[track_caller]
pub fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {text}{complaint}");
    text
}

/// Runs deadstick-fw; exit status, output, complaints.
pub fn deadstick_fw(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_deadstick-fw"))
        .args(arguments)
        .env("DEADSTICK_FW_STATE", "/run/deadstick-fw")
        .env_remove("SSH_CONNECTION")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}
