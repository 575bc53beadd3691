//! What a plan says of live flows is what happens to them: each kind of flow, on a host without connection tracking.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use nix::sched::{CloneFlags, unshare};
use serde_json::Value;
use support::{deadstick_fw, inside, obstacle, run};

/// How long an answer may take on one machine.
const PATIENCE: Duration = Duration::from_millis(1_500);

type Job = Box<dyn FnOnce() + Send>;

/// A thread in a network namespace of its own, that does what it is given.
struct Host {
    thread: String,
    jobs: Sender<Job>,
}

impl Host {
    fn begin() -> Self {
        let (jobs, inbox): (Sender<Job>, Receiver<Job>) = channel();
        let (ready, begun) = channel();
        std::thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).unwrap();
            ready.send(nix::unistd::gettid().to_string()).unwrap();
            inbox.iter().for_each(|job| job());
        });
        Self { thread: begun.recv().unwrap(), jobs }
    }

    fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (answer, answered) = channel();
        self.jobs.send(Box::new(move || drop(answer.send(job())))).unwrap();
        answered.recv().unwrap()
    }

    /// Joins it to this process's namespace: 10.`net`.0.1 here, 10.`net`.0.2 there.
    fn join(&self, name: &str, net: u8) {
        run("ip", &["link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", &self.thread]);
        run("ip", &["address", "add", &format!("10.{net}.0.1/24"), "dev", name]);
        run("ip", &["link", "set", name, "up"]);
        let there = |arguments: &[&str]| {
            let namespace = format!("--net=/proc/{}/ns/net", self.thread);
            run("nsenter", &[&[namespace.as_str(), "ip"], arguments].concat());
        };
        there(&["link", "set", "lo", "up"]);
        there(&["address", "add", &format!("10.{net}.0.2/24"), "dev", "eth0"]);
        there(&["link", "set", "eth0", "up"]);
        there(&["route", "add", "default", "via", &format!("10.{net}.0.1")]);
    }
}

/// A TCP connection, both ends.
struct Pair {
    near: TcpStream,
    far: TcpStream,
}

/// From `client` to a listener of `server` (or of this process, without one).
fn connect(client: &Host, server: Option<&Host>, at: &str) -> Pair {
    let address: SocketAddr = at.parse().unwrap();
    let bind = move || TcpListener::bind(address).unwrap();
    let listener = match server {
        Some(host) => host.run(bind),
        None => bind(),
    };
    let near = client.run(move || TcpStream::connect_timeout(&address, PATIENCE).unwrap());
    let (far, _) = listener.accept().unwrap();
    Pair { near, far }
}

/// Does a byte get through, and is it acknowledged by the other program?
fn gets_through(from: &mut TcpStream, to: &mut TcpStream) -> bool {
    let mut byte = [0];
    to.set_read_timeout(Some(PATIENCE)).unwrap();
    from.write_all(b"x").is_ok() && to.read_exact(&mut byte).is_ok()
}

/// Of a flow: is it in a list of the plan's impact? By the port of the service.
fn names(list: &Value, port: u16) -> bool {
    let flows = list.as_array().unwrap();
    flows.iter().any(|entry| {
        let flow = entry.get("flow").unwrap_or(entry);
        let ports = ["original", "reply"].map(|way| [&flow[way]["from"]["port"], &flow[way]["to"]["port"]]);
        ports.iter().flatten().any(|found| **found == port)
    })
}

/// What the plan says, and what happened, by the flow's port.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Cut,
    Lives,
    CannotTell,
}

#[test]
fn prediction_equals_survival() {
    skip_unless!(obstacle(&["iptables-nft", "nsenter"]));
    if !inside("prediction_equals_survival") {
        return;
    }
    std::fs::write("/proc/sys/net/ipv4/ip_forward", "1").unwrap();
    let (left, right) = (Host::begin(), Host::begin());
    left.join("left", 11);
    right.join("right", 12);
    // Rules without state: connection tracking knows nothing of what lives.
    run("iptables-nft", &["-A", "INPUT", "-p", "tcp", "--dport", "9", "-j", "DROP"]);

    let mut sends = connect(&left, None, "10.11.0.1:4001");
    let mut answers = connect(&left, None, "10.11.0.1:4002");
    let mut through = connect(&left, Some(&right), "10.12.0.2:4003");
    let mut kept = connect(&left, None, "10.11.0.1:4004");
    let here = UdpSocket::bind("10.11.0.1:4005").unwrap();
    let there = left.run(|| UdpSocket::bind("10.11.0.2:4006").unwrap());
    there.connect("10.11.0.1:4005").unwrap();
    here.connect("10.11.0.2:4006").unwrap();
    for socket in [&here, &there] {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
    }

    // Only 4004 stays open to new connections; what is established is let in as soon as it is tracked.
    for rule in [
        &["-A", "INPUT", "-m", "conntrack", "--ctstate", "ESTABLISHED", "-j", "ACCEPT"][..],
        &["-A", "INPUT", "-p", "tcp", "--dport", "4004", "-j", "ACCEPT"][..],
    ] {
        run("iptables-nft", rule);
    }
    let ask = ["default", "deny", "incoming", "--cut", "--yes", "--no-confirm", "--json"];
    let (_, planned, complaint) = deadstick_fw(&[&ask[..], &["--dry-run"]].concat());
    let plan: Value = serde_json::from_str(&planned).unwrap_or_else(|_| panic!("{planned}{complaint}"));
    let predicted = |port: u16| {
        let impact = &plan["impact"];
        if names(&impact["unsure"], port) {
            Fate::CannotTell
        } else if names(&impact["cut"], port) {
            Fate::Cut
        } else {
            Fate::Lives
        }
    };
    let (status, told, complaint) = deadstick_fw(&ask);
    assert_eq!(status, 0, "{told}{complaint}");

    let fate = |lives: bool| if lives { Fate::Lives } else { Fate::Cut };
    let mut happened = BTreeMap::new();
    // The client speaks first: its packet counts as new and is dropped.
    happened.insert(4001, fate(gets_through(&mut sends.near, &mut sends.far)));
    // The server speaks first: connection tracking picks the flow up on its way out.
    happened.insert(4002, fate(gets_through(&mut answers.far, &mut answers.near)));
    happened.insert(4003, fate(gets_through(&mut through.near, &mut through.far)));
    happened.insert(4004, fate(gets_through(&mut kept.near, &mut kept.far)));
    let mut byte = [0];
    happened.insert(4005, fate(there.send(b"x").is_ok() && here.recv(&mut byte).is_ok()));
    for (port, fate) in &happened {
        let said = predicted(*port);
        // Who speaks next on an idle connection nobody knows: the plan may say so, but only where it hangs on that.
        let is_right = said == *fate || said == Fate::CannotTell && [4001, 4002, 4005].contains(port);
        assert!(is_right, "flow on port {port}: the plan says {said:?}, and it is {fate:?}\n{planned}");
    }
    assert_eq!(happened[&4001], Fate::Cut);
    assert_eq!(happened[&4002], Fate::Lives);
}
