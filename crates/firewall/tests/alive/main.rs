//! Live flows, services and ways in, in a network namespace of its own: sockets and connection tracking together, and a real sshd.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use firewall::live::{self, Snapshot, Want};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use ruleset::{FlowSource, WayInSource};

const ALL: Want = Want { services: true, flows: true };

/// Runs in a fresh network namespace with its loopback up; skipped without root or these programs.
fn in_namespace(programs: &[&str], test: impl FnOnce() + Send + 'static) {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: not root");
        return;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_missing =
        |program: &&&str| !std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if let Some(missing) = programs.iter().find(is_missing) {
        eprintln!("skipped: {missing} is not installed");
        return;
    }
    let body = || {
        unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS).expect("root can make namespaces");
        let none = None::<&str>;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).expect("mounts can be private");
        mount(Some("run"), "/run", Some("tmpfs"), MsFlags::empty(), none).expect("a /run of its own");
        run("ip", &["link", "set", "lo", "up"]);
        test();
    };
    std::thread::spawn(body).join().unwrap_or_else(|error| std::panic::resume_unwind(error));
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status().expect("the program starts");
    assert!(status.success(), "{program} {arguments:?}");
}

fn snapshot() -> Snapshot {
    live::snapshot(ALL).expect("the state can be read")
}

/// How the flows to this port are known.
fn known(port: u16) -> Vec<(FlowSource, Option<bool>)> {
    let flows = snapshot().flows;
    flows
        .iter()
        .filter(|flow| flow.original.to.port == port)
        .map(|flow| (flow.source, flow.is_outgoing))
        .collect()
}

fn connected() -> (TcpListener, TcpStream, TcpStream, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let client = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let (server, _) = listener.accept().expect("accepted");
    (listener, client, server, port)
}

#[test]
fn a_flow_is_one_whether_tracked_or_not() {
    in_namespace(&["ip", "iptables"], || {
        // Without stateful rules nothing is tracked, but the connection lives.
        let (_listener, mut client, mut server, port) = connected();
        assert_eq!(known(port), [(FlowSource::Socket, Some(false))]);
        assert!(
            snapshot()
                .listeners
                .iter()
                .any(|service| service.at.port == port && service.pid == Some(std::process::id()))
        );
        // From here on it is tracked, once a packet was seen.
        run("iptables", &["-A", "INPUT", "-m", "conntrack", "--ctstate", "ESTABLISHED", "-j", "ACCEPT"]);
        client.write_all(b"x").expect("written");
        server.read_exact(&mut [0]).expect("read");
        let now = known(port);
        assert_eq!((now.len(), now.first().map(|one| one.0)), (1, Some(FlowSource::Both)), "{now:?}");
    });
}

#[test]
fn reading_changes_nothing() {
    in_namespace(&["ip", "nft", "iptables-legacy-save"], || {
        let state = || {
            let ruleset = Command::new("nft").args(["list", "ruleset"]).output().expect("nft runs").stdout;
            let tables =
                |name: &str| fs::read_to_string(format!("/proc/thread-self/net/{name}")).unwrap_or_default();
            let modules = fs::read_to_string("/proc/modules").unwrap_or_default();
            let names: Vec<String> =
                modules.lines().filter_map(|line| Some(line.split(' ').next()?.to_owned())).collect();
            (ruleset, tables("ip_tables_names"), tables("ip6_tables_names"), names)
        };
        let before = state();
        snapshot();
        assert_eq!(state(), before, "no table is made, no module loaded");
    });
}

/// An sshd on 127.0.0.1, gone with the value.
struct Sshd {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sshd {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| folder.path().join(name).to_str().expect("a plain path").to_owned();
        for name in ["host", "user"] {
            run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &path(name)]);
        }
        fs::copy(path("user.pub"), path("authorized")).expect("a copy");
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n",
            path("host"),
            path("authorized")
        );
        fs::write(path("config"), config).expect("a file");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
        // Where privileges are separated; made by the service otherwise.
        fs::create_dir_all("/run/sshd").expect("a folder");
        let sshd = ["/usr/sbin/sshd", "/usr/bin/sshd"].into_iter().find(|file| Path::new(file).exists());
        let child = Command::new(sshd.expect("sshd is installed"))
            .args(["-D", "-f", &path("config")])
            .stderr(Stdio::null())
            .spawn()
            .expect("sshd starts");
        Self { child, folder, port }
    }

    /// A login that stays, running this command; its first line of output.
    fn login(&self, command: &str) -> (Child, String) {
        let key = self.folder.path().join("user");
        loop {
            let mut child = Command::new("ssh")
                .args([
                    "-o",
                    "StrictHostKeyChecking=no",
                    "-o",
                    "UserKnownHostsFile=/dev/null",
                    "-o",
                    "BatchMode=yes",
                    "-q",
                ])
                .args(["-p", &self.port.to_string(), "-i"])
                .arg(&key)
                .args(["root@127.0.0.1", command])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("ssh starts");
            let mut line = Vec::new();
            let stdout = child.stdout.as_mut().expect("piped");
            let mut byte = [0];
            while stdout.read(&mut byte).is_ok_and(|length| length == 1) && byte != *b"\n" {
                line.push(byte[0]);
            }
            if !line.is_empty() {
                return (child, String::from_utf8_lossy(&line).into_owned());
            }
            // sshd does not listen yet: ask again as soon as this attempt is over.
            let _ = child.wait();
        }
    }
}

#[test]
fn the_way_in_is_found_over_a_real_sshd() {
    in_namespace(&["ip", "sshd", "ssh", "ssh-keygen"], || {
        let sshd = Sshd::start();
        let tool = env!("CARGO_BIN_EXE_deadstick-fw");
        // In the session: its own variable; without it (as under sudo) that of an ancestor; a stale one, the ancestor's socket.
        let check = |command: &str, expected: &str| {
            let (mut session, told) = sshd.login(&command.replace("TOOL", tool));
            let _ = session.kill();
            let _ = session.wait();
            let document: serde_json::Value = serde_json::from_str(&told).expect("one JSON document");
            let ways = document["ways_in"].as_array().expect("a list").clone();
            assert_eq!(ways.len(), 1, "{command}: {told}");
            assert_eq!(ways[0]["source"], expected, "{command}");
            assert_eq!(ways[0]["here"]["port"], sshd.port, "{command}");
        };
        check("TOOL status --json; cat", "environment");
        check("env -u SSH_CONNECTION TOOL status --json; cat", "environment");
        check(
            "export SSH_CONNECTION='192.0.2.1 1 192.0.2.2 22'; exec env -i SSH_CONNECTION='192.0.2.1 1 192.0.2.2 22' TOOL status --json",
            "ancestor",
        );
        // From outside of any session: everybody who is logged in.
        let (mut session, _) = sshd.login("echo here; cat");
        let ways = snapshot().ways_in;
        let _ = session.kill();
        let _ = session.wait();
        assert_eq!(ways.len(), 1, "{ways:?}");
        assert_eq!((ways[0].source, ways[0].here.port), (WayInSource::EveryPeer, sshd.port));
    });
}
