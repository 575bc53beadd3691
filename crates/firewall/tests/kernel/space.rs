//! Network namespaces without a name: they end with the thread that holds them, whatever ends the process.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Pid, gettid};

type Job = Box<dyn FnOnce() + Send>;

/// A network namespace, and the thread in which everything for it is done.
pub struct Space {
    /// By which `ip link set ... netns` finds it.
    pub thread: Pid,
    jobs: Sender<Job>,
}

/// Why kernel tests can't run here, if they can't.
pub fn missing() -> Option<&'static str> {
    if !nix::unistd::geteuid().is_root() {
        return Some("not root");
    }
    let has = |program: &str| {
        ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]
            .iter()
            .any(|folder| std::path::Path::new(folder).join(program).exists())
    };
    if !has("ip") {
        return Some("iproute2 is not installed");
    }
    if !["nft", "iptables-nft-restore", "iptables-legacy-restore", "ipset"].iter().all(|program| has(program))
    {
        return Some("nftables, iptables or ipset is not installed");
    }
    None
}

impl Space {
    /// A new one, with loopback up.
    pub fn new() -> Self {
        let (jobs, inbox) = channel::<Job>();
        let (ready, begun) = channel();
        std::thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).expect("root may make network namespaces");
            ready.send(gettid()).expect("somebody waits for it");
            for job in inbox {
                job();
            }
        });
        let space = Self { thread: begun.recv().expect("the thread begins"), jobs };
        space.run("ip", &["link", "set", "lo", "up"], "");
        space
    }

    /// Does something in it.
    pub fn within<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (done, result) = channel();
        let job = Box::new(move || {
            let _ = done.send(job());
        });
        self.jobs.send(job).expect("its thread lives");
        result.recv().expect("the job did not panic")
    }

    /// Runs a program in it and gives what it prints; panics if it fails.
    pub fn run(&self, program: &str, arguments: &[&str], input: &str) -> String {
        self.attempt(program, arguments, input).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Runs a program in it; what it prints, or what it says when it fails.
    pub fn attempt(&self, program: &str, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut command = Command::new(program);
        command.args(arguments).env("LC_ALL", "C");
        // Legacy programs take a lock that the host's own ones take too.
        command.env("XTABLES_LOCKFILE", format!("/tmp/deadstick-xtables-{}.lock", self.thread));
        let (name, input) = (format!("{program} {}", arguments.join(" ")), input.to_owned());
        let thread = self.thread;
        let result = self.within(move || {
            let mut child = command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .map_err(|error| format!("{name}: {error}"))?;
            child
                .stdin
                .take()
                .expect("piped")
                .write_all(input.as_bytes())
                .map_err(|error| error.to_string())?;
            let output = child.wait_with_output().map_err(|error| error.to_string())?;
            if !output.status.success() {
                return Err(format!("{name}: {}\n{input}", String::from_utf8_lossy(&output.stderr)));
            }
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        });
        let _ = std::fs::remove_file(format!("/tmp/deadstick-xtables-{thread}.lock"));
        result
    }

    /// Several lines for `ip -batch`.
    pub fn ip(&self, lines: &str) {
        self.run("ip", &["-batch", "-"], lines);
    }
}
