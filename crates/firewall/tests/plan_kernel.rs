//! What a plan allows really passes, what it denies doesn't: its iptables commands in a namespace, real packets over loopback.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use ruleset::ufw::{self, Profiles, Services};
use ruleset::{Backend, Family, iptables, plan};

/// Ports that rules and edits speak of.
const PORTS: [u16; 3] = [8001, 8002, 8003];
/// Addresses of this host, all on loopback.
const PEERS: [&str; 3] = ["127.0.1.1", "127.0.1.2", "127.0.1.3"];

struct Dice(u64);

impl Dice {
    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        &from[usize::try_from(self.0 % from.len() as u64).expect("a small number")]
    }
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().expect("it is installed");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {told}");
}

fn saved() -> String {
    let output = Command::new("iptables-save").output().expect("it is installed");
    String::from_utf8(output.stdout).expect("text")
}

/// Rules as they grow: chains of the admin's own, drops and accepts in any order.
fn random_rules(dice: &mut Dice) {
    run("iptables", &["-F"]);
    run("iptables", &["-X"]);
    run("iptables", &["-P", "INPUT", if *dice.pick(&[true, false]) { "DROP" } else { "ACCEPT" }]);
    run("iptables", &["-N", "own"]);
    run("iptables", &["-A", "INPUT", "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"]);
    for _ in 0..8 {
        let chain = *dice.pick(&["INPUT", "INPUT", "own"]);
        let port = dice.pick(&PORTS).to_string();
        let mut words = vec!["-A", chain];
        if *dice.pick(&[true, true, false]) {
            words.extend(["-s", *dice.pick(&["127.0.1.1/32", "127.0.1.2/32", "127.0.1.0/24"])]);
        }
        if *dice.pick(&[true, true, false]) {
            words.extend(["-p", "tcp", "--dport", &port]);
        }
        let targets: &[&str] = if chain == "own" {
            &["ACCEPT", "DROP", "REJECT", "RETURN"]
        } else {
            &["ACCEPT", "DROP", "REJECT", "own", "own"]
        };
        words.extend(["-j", *dice.pick(targets)]);
        run("iptables", &words);
    }
}

fn connects(peer: &str, port: u16) -> bool {
    let socket = socket(peer);
    let to = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 1), port));
    socket.is_some_and(|from| connect_from(from, to))
}

fn socket(peer: &str) -> Option<Ipv4Addr> {
    peer.parse().ok()
}

/// A connection from this address; an answer of any kind other than acceptance, or none in 150 ms, is a no.
fn connect_from(from: Ipv4Addr, to: SocketAddr) -> bool {
    use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, socket};
    let own = socket(AddressFamily::Inet, SockType::Stream, SockFlag::empty(), None).expect("a socket");
    bind(std::os::fd::AsRawFd::as_raw_fd(&own), &SockaddrIn::from(std::net::SocketAddrV4::new(from, 0)))
        .expect("an address of ours");
    let stream = TcpStream::from(own);
    stream.set_write_timeout(Some(Duration::from_millis(150))).expect("a time");
    let SocketAddr::V4(to) = to else { return false };
    connect(std::os::fd::AsRawFd::as_raw_fd(&stream), &SockaddrIn::from(to)).is_ok()
}

#[test]
fn what_is_allowed_passes_and_what_is_denied_does_not() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: not root");
        return;
    }
    if Command::new("iptables").arg("--version").output().is_err() {
        eprintln!("skipped: no iptables here");
        return;
    }
    // This thread alone, and what it starts, is in a namespace of its own.
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).expect("root may");
    run("ip", &["link", "set", "lo", "up"]);
    let listeners: Vec<TcpListener> =
        PORTS.iter().map(|port| TcpListener::bind(("127.0.0.1", *port)).expect("a free port")).collect();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut changed = 0;
    for round in 0..40 {
        random_rules(&mut dice);
        let before = saved();
        let peer = *dice.pick(&PEERS);
        let port = *dice.pick(&PORTS);
        let verb = *dice.pick(&["allow", "deny", "reject"]);
        let command = format!("{verb} in on lo from {peer} to any port {port} proto tcp");
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let edit = ufw::parse(&words, &Services::default(), &Profiles::default()).expect("a whole command");
        let (rules, _) = iptables::parse(&before, Backend::IptablesNft, Family::Ip);
        let state = plan::State {
            ruleset: &rules,
            flows: &[],
            listeners: &[],
            ways_in: &[],
            observed: &[],
            families: &[Family::Ip],
        };
        let made = plan::make(&edit, &state).expect("a plan");
        for line in plan::commands(&made.changes) {
            let words: Vec<&str> = line.split(' ').collect();
            run(words[0], &words[1..]);
        }
        changed += usize::from(!made.noop);
        let told = format!("round {round}: {command}\n{before}\n{:?}\n{}", made.changes, saved());
        assert_eq!(connects(peer, port), verb == "allow", "{told}");
        // What others were allowed is as it was: the edit means this peer and port alone.
        let after = plan::after(&rules, &made.changes);
        let (read, _) = iptables::parse(&saved(), Backend::IptablesNft, Family::Ip);
        assert_eq!(plan::digest(&after), plan::digest(&read), "{told}");
        let again = plan::State { ruleset: &read, ..state };
        let twice = plan::make(&edit, &again).expect("a plan");
        assert!(twice.noop, "a second time it is so already\n{told}\n{:?}", twice.changes);
        // And back again.
        let back = plan::after(&after, &plan::inverse(&made.changes));
        assert_eq!(plan::digest(&back), plan::digest(&rules), "{told}");
    }
    assert!(changed > 10, "only {changed} of 40 had anything to change");
    drop(listeners);
}
