//! A port that a real Docker published is really closed by `deny`: ufw says "deny" and it stays open.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use firewall::playground::Node;
use support::{deadstick_fw, inside, obstacle, run};

/// A Docker daemon with everything of its own, in this process's namespaces.
struct Docker {
    _daemon: Child,
    host: String,
}

impl Docker {
    fn start() -> Self {
        use nix::mount::{MsFlags, mount};
        let none = None::<&str>;
        mount(Some("cgroup2"), "/sys/fs/cgroup", Some("cgroup2"), MsFlags::empty(), none).unwrap();
        fs::create_dir_all("/run/docker-test").unwrap();
        let host = "unix:///run/docker-test/socket".to_owned();
        let daemon = Command::new("dockerd")
            .args(["--data-root", "/run/docker-test/data", "--exec-root", "/run/docker-test/exec"])
            .args(["--pidfile", "/run/docker-test/pid", "--storage-driver", "vfs", "-H", &host])
            .stdout(Stdio::null())
            .stderr(fs::File::create("/run/docker-test/log").unwrap())
            .spawn()
            .unwrap();
        let docker = Self { _daemon: daemon, host };
        eventually("the Docker daemon", || {
            docker.command(&["version"]).output().is_ok_and(|output| output.status.success())
        });
        docker
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.env("DOCKER_HOST", &self.host).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let log = fs::read_to_string("/run/docker-test/log").unwrap();
        assert!(output.status.success(), "{arguments:?} {} {log}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// An image of nothing but busybox, made here.
    fn import_busybox(&self) {
        fs::create_dir_all("/run/image/bin").unwrap();
        fs::copy("/bin/busybox", "/run/image/bin/busybox").unwrap();
        run("tar", &["-C", "/run/image", "-cf", "/run/image.tar", "."]);
        self.run(&["import", "/run/image.tar", "box"]);
    }
}

/// Waits until another program has got so far; fails if it never does.
#[track_caller]
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited for half a minute in vain: {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Another host, 10.5.0.2, beyond a cable; this one is 10.5.0.1.
fn neighbour() -> Node {
    let node = Node::begin().unwrap();
    let thread = node.thread.to_string();
    run("ip", &["link", "add", "lan", "type", "veth", "peer", "name", "eth0", "netns", &thread]);
    run("ip", &["address", "add", "10.5.0.1/24", "dev", "lan"]);
    run("ip", &["link", "set", "lan", "up"]);
    let there = |arguments: &[&str]| {
        let mut all = vec!["--target", &thread, "--net", "ip"];
        all.extend(arguments);
        run("nsenter", &all)
    };
    there(&["address", "add", "10.5.0.2/24", "dev", "eth0"]);
    there(&["link", "set", "eth0", "up"]);
    there(&["route", "add", "default", "via", "10.5.0.1"]);
    node
}

#[test]
fn a_published_port_is_really_closed() {
    let needed = ["dockerd", "docker", "busybox", "iptables-nft", "nsenter"];
    skip_unless!(obstacle(&needed));
    if !inside("a_published_port_is_really_closed") {
        return;
    }
    let node = neighbour();
    let docker = Docker::start();
    docker.import_busybox();
    let serve = [
        "run",
        "-d",
        "-p",
        "8080:80",
        "box",
        "/bin/busybox",
        "nc",
        "-ll",
        "-p",
        "80",
        "-e",
        "/bin/busybox",
        "cat",
    ];
    let container = docker.run(&serve);
    let published: SocketAddr = "10.5.0.1:8080".parse().unwrap();
    let reaches = || node.reach(published).unwrap().wait().unwrap();
    eventually("the published port to be open", reaches);
    assert!(node.listen(8080).unwrap());
    let container_gets_out = || {
        let arguments = ["exec", &container, "/bin/busybox", "nc", "-w", "1", "10.5.0.2", "8080"];
        let status = docker.command(&arguments).stdin(Stdio::null()).status().unwrap();
        status.success()
    };
    assert!(container_gets_out(), "the container must reach port 8080 elsewhere to begin with");

    let (status, told, complaint) = deadstick_fw(&["deny", "8080/tcp", "--no-confirm", "--yes", "--cut"]);
    assert_eq!(status, 0, "{told}{complaint}");
    assert!(!reaches(), "denied, and still open:\n{}", run("iptables-nft-save", &[]));
    assert!(container_gets_out(), "the container's own connections must not be touched");
    let admins = run("iptables-nft", &["-S", "DOCKER-USER"]);
    assert!(admins.contains("--ctorigdstport 8080"), "{admins}");
    assert_eq!(deadstick_fw(&["deny", "8080/tcp", "--check"]).0, 0, "it is so already");

    let (status, told, complaint) = deadstick_fw(&["delete", "deny", "8080/tcp", "--no-confirm", "--yes"]);
    assert_eq!(status, 0, "{told}{complaint}");
    assert!(reaches(), "taken back, and still closed:\n{}", run("iptables-nft-save", &[]));
}
