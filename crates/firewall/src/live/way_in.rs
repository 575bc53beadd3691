//! By which way the person at the keyboard came in.
//!
//! SSH_CONNECTION of this process or of an ancestor (sudo takes it away, an older ancestor still has it), else the socket of the sshd that is our
//! ancestor, else every established peer of every sshd. A way counts only if its connection lives in this network namespace: a variable
//! that tmux kept from yesterday's login names a connection that is gone. Where nobody is connected at all, the variable is believed
//! nevertheless if somebody listens there: mosh closes its connection and means to come again.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ruleset::{Endpoint, WayIn, WayInSource};

use super::processes::{self, Holder};
use super::sockets::{Socket, TCP};

/// What we need to know about processes.
pub trait Processes {
    /// This process, its parent, and so on.
    fn ancestry(&self) -> Vec<u32>;
    /// A variable of a process's environment.
    fn variable(&self, pid: u32, name: &str) -> Option<String>;
    /// The name of a process.
    fn name(&self, pid: u32) -> String;
    /// Inodes of the sockets that it holds, in the order of its descriptors.
    fn sockets(&self, pid: u32) -> Vec<u64>;
}

/// The processes of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Proc;

impl Processes for Proc {
    fn ancestry(&self) -> Vec<u32> {
        processes::ancestry()
    }

    fn variable(&self, pid: u32, name: &str) -> Option<String> {
        processes::variable(pid, name)
    }

    fn name(&self, pid: u32) -> String {
        processes::name(pid)
    }

    fn sockets(&self, pid: u32) -> Vec<u64> {
        processes::sockets_of(pid)
    }
}

/// Is it a program that lets people log in?
pub fn is_sshd(process: &str) -> bool {
    // OpenSSH since 9.8 has a process of its own for sessions.
    matches!(process, "sshd" | "sshd-session" | "sshd-auth" | "dropbear" | "tinysshd")
}

/// The ways in; none at a console, and none where no sshd has a connection.
pub fn ways_in(sockets: &[Socket], holders: &BTreeMap<u64, Holder>, processes: &dyn Processes) -> Vec<WayIn> {
    let listening: BTreeSet<u16> =
        sockets.iter().filter(|s| s.protocol == TCP && s.is_listening()).map(|s| s.local.port).collect();
    // What sshd forwards for its users has ports that it doesn't listen on, except those of `-R`, which are harmless to keep.
    let is_login = |socket: &&Socket| {
        socket.protocol == TCP && socket.is_connected() && listening.contains(&socket.local.port)
    };
    let way = |socket: &Socket, source| WayIn { peer: socket.remote, here: socket.local, source };
    let line = processes.ancestry();
    for pid in &line {
        let Some((peer, here)) = processes.variable(*pid, "SSH_CONNECTION").and_then(|text| ends(&text))
        else {
            continue;
        };
        let is_it = |socket: &&Socket| {
            socket.protocol == TCP && socket.is_connected() && socket.remote == peer && socket.local == here
        };
        if let Some(socket) = sockets.iter().find(is_it) {
            return vec![way(socket, WayInSource::Environment)];
        }
    }
    for pid in line.iter().filter(|pid| is_sshd(&processes.name(**pid))) {
        let held = processes.sockets(*pid);
        let found = held.iter().find_map(|inode| {
            sockets.iter().filter(is_login).find(|socket| socket.inode == *inode && *inode != 0)
        });
        if let Some(socket) = found {
            return vec![way(socket, WayInSource::Ancestor)];
        }
    }
    let is_held_by_sshd =
        |socket: &&Socket| holders.get(&socket.inode).is_some_and(|holder| is_sshd(&holder.name));
    let mut all: Vec<WayIn> = sockets
        .iter()
        .filter(is_login)
        .filter(is_held_by_sshd)
        .map(|socket| way(socket, WayInSource::EveryPeer))
        .collect();
    all.sort_by_key(|way| (way.peer, way.here));
    all.dedup();
    if all.is_empty() {
        let told = line.iter().filter_map(|pid| processes.variable(*pid, "SSH_CONNECTION"));
        let mut told = told.filter_map(|text| ends(&text)).filter(|(_, here)| listening.contains(&here.port));
        all.extend(told.next().map(|(peer, here)| WayIn { peer, here, source: WayInSource::Environment }));
    }
    all
}

/// `PEER PORT HERE PORT`; a zone (`fe80::1%eth0`) is left out.
fn ends(text: &str) -> Option<(Endpoint, Endpoint)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [peer, peer_port, here, here_port] = words.as_slice() else { return None };
    let end = |address: &str, port: &str| {
        let address: IpAddr = address.split('%').next()?.parse().ok()?;
        Some(Endpoint { address: address.to_canonical(), port: port.parse().ok()? })
    };
    Some((end(peer, peer_port)?, end(here, here_port)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Process 9 is ours, its parent 8 and so on; (pid, name, SSH_CONNECTION, sockets).
    struct Made(Vec<(u32, &'static str, Option<&'static str>, Vec<u64>)>);

    impl Made {
        fn of(&self, pid: u32) -> &(u32, &'static str, Option<&'static str>, Vec<u64>) {
            self.0.iter().find(|process| process.0 == pid).unwrap()
        }
    }

    impl Processes for Made {
        fn ancestry(&self) -> Vec<u32> {
            self.0.iter().map(|process| process.0).collect()
        }

        fn variable(&self, pid: u32, name: &str) -> Option<String> {
            self.of(pid).2.filter(|_| name == "SSH_CONNECTION").map(Into::into)
        }

        fn name(&self, pid: u32) -> String {
            self.of(pid).1.into()
        }

        fn sockets(&self, pid: u32) -> Vec<u64> {
            self.of(pid).3.clone()
        }
    }

    fn socket(state: u8, local: &str, remote: &str, inode: u64) -> Socket {
        let at = |text: &str| {
            let address: std::net::SocketAddr = text.parse().unwrap();
            Endpoint { address: address.ip(), port: address.port() }
        };
        let (local, remote) = (at(local), at(remote));
        Socket { protocol: TCP, version: 4, state, local, remote, interface: 0, is_v6_only: false, inode }
    }

    #[test]
    fn variable_then_ancestor_then_everybody() {
        let sockets = [
            socket(10, "0.0.0.0:22", "0.0.0.0:0", 1),
            socket(10, "0.0.0.0:443", "0.0.0.0:0", 9),
            socket(1, "10.0.0.1:22", "10.0.0.2:40000", 2),
            socket(1, "10.0.0.1:22", "10.0.0.3:40000", 3),
            socket(1, "10.0.0.1:443", "10.0.0.4:40000", 4),
            socket(1, "10.0.0.1:50000", "10.0.0.5:5432", 5),
        ];
        let sshd = |name: &str| Holder { pid: 5, name: name.into() };
        let holders = BTreeMap::from([
            (1, sshd("sshd")),
            (2, sshd("sshd")),
            (3, sshd("sshd-session")),
            (4, sshd("nginx")),
            (5, sshd("sshd")),
        ]);
        let check = |line: Vec<(u32, &'static str, Option<&'static str>, Vec<u64>)>, expected: &[&str]| {
            let ways = ways_in(&sockets, &holders, &Made(line));
            let told: Vec<String> = ways
                .iter()
                .map(|way| format!("{}>{} {:?}", way.peer.address, way.here.port, way.source))
                .collect();
            assert_eq!(told, expected);
        };
        let here = Some("10.0.0.3 40000 10.0.0.1 22");
        let gone = Some("10.0.0.7 40000 10.0.0.1 22");
        // Its own variable; that of an ancestor (sudo); a stale one of tmux, whose server has no sshd above it.
        check(vec![(9, "fw", here, vec![])], &["10.0.0.3>22 Environment"]);
        check(
            vec![(9, "fw", None, vec![]), (8, "sudo", None, vec![]), (7, "bash", here, vec![])],
            &["10.0.0.3>22 Environment"],
        );
        check(
            vec![(9, "fw", gone, vec![]), (1, "init", None, vec![])],
            &["10.0.0.2>22 EveryPeer", "10.0.0.3>22 EveryPeer"],
        );
        // The sshd above us holds what it forwards, its listener, and the connection.
        check(vec![(9, "fw", gone, vec![]), (5, "sshd", None, vec![5, 1, 2])], &["10.0.0.2>22 Ancestor"]);
        check(vec![(9, "fw", Some("junk"), vec![])], &["10.0.0.2>22 EveryPeer", "10.0.0.3>22 EveryPeer"]);
    }

    #[test]
    fn who_came_by_mosh_has_no_connection_left() {
        let listening = [socket(10, "0.0.0.0:22", "0.0.0.0:0", 1)];
        let check = |variable, expected: usize| {
            let line = Made(vec![(9, "fw", Some(variable), vec![])]);
            assert_eq!(ways_in(&listening, &BTreeMap::new(), &line).len(), expected, "{variable}");
        };
        check("10.0.0.7 40000 10.0.0.1 22", 1);
        check("10.0.0.7 40000 10.0.0.1 2222", 0);
        check("junk", 0);
    }

    #[test]
    fn ends_of_a_connection() {
        let check = |text, expected: Option<&str>| {
            let told = ends(text).map(|(peer, here)| format!("{} {}", peer.address, here.port));
            assert_eq!(told.as_deref(), expected);
        };
        check("fe80::1%eth0 50000 fe80::2%eth0 22", Some("fe80::1 22"));
        check("::ffff:10.0.0.2 50000 ::ffff:10.0.0.1 22", Some("10.0.0.2 22"));
        check("10.0.0.2 50000 10.0.0.1", None);
        check("10.0.0.2 99999 10.0.0.1 22", None);
    }
}
