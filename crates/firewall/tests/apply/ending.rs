//! Established connections that are ended.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use firewall::guard::end;
use firewall::live::{Snapshot, Want, conntrack, snapshot};
use nix::sched::{CloneFlags, setns};
use ruleset::Backend::IptablesNft;
use ruleset::{Endpoint, Flow, FlowSource, Tuple};

use crate::guard::site;
use crate::site::{alone, lines, run};

fn live() -> Result<Snapshot, String> {
    snapshot(Want { services: true, flows: true }).map_err(|error| error.to_string())
}

fn is_open(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    // Nothing to read is not the end.
    stream.write_all(b"x").is_ok()
        && matches!(stream.read(&mut [0]), Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock))
}

#[test]
fn a_local_connection_ends_with_its_socket() {
    alone(|| {
        run("ip link set lo up");
        run("iptables-nft -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let mut other = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_other_end, _) = listener.accept().unwrap();
        let ours = client.local_addr().unwrap().port();
        let flows: Vec<Flow> = live()
            .unwrap()
            .flows
            .into_iter()
            .filter(|flow| flow.original.from.port == ours || flow.original.to.port == ours)
            .collect();
        assert!(!flows.is_empty() && flows.iter().all(|flow| flow.is_local), "{flows:?}");
        assert!(is_open(&mut client));
        let ended = end(&site(folder.path()), &flows, &live);
        assert_eq!((ended.survivors.len(), ended.ended), (0, flows.len()), "{ended:?}");
        assert!(!is_open(&mut client) && !is_open(&mut server));
        assert!(is_open(&mut other), "nothing else ends");
    });
}

/// A namespace that lives as long as a process in it.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Node {
    /// Joined to this namespace by a cable: `10.0.N.1` here, `10.0.N.2` there.
    fn new(number: u8) -> Self {
        let before = std::fs::read_link("/proc/thread-self/ns/net").unwrap();
        let child =
            Command::new("unshare").args(["-n", "sleep", "600"]).stdin(Stdio::null()).spawn().unwrap();
        let node = Self(child);
        let pid = node.0.id();
        crate::site::eventually("the node's namespace", || {
            std::fs::read_link(format!("/proc/{pid}/ns/net")).is_ok_and(|link| link != before)
        });
        run(&format!("ip link add node{number} type veth peer name eth0 netns {pid}"));
        run(&format!("ip address add 10.0.{number}.1/24 dev node{number}"));
        run(&format!("ip link set node{number} up"));
        node.inside(|| {
            run(&format!("ip address add 10.0.{number}.2/24 dev eth0"));
            run("ip link set eth0 up");
            run(&format!("ip route add default via 10.0.{number}.1"));
        });
        node
    }

    fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let namespace = File::open(format!("/proc/{}/ns/net", self.0.id())).unwrap();
        std::thread::scope(|scope| {
            let inside = || {
                setns(namespace, CloneFlags::CLONE_NEWNET).unwrap();
                work()
            };
            scope.spawn(inside).join().unwrap()
        })
    }
}

#[test]
fn what_passes_through_is_forgotten_and_blocked_in_both_directions() {
    alone(|| {
        run("sysctl -q -w net.ipv4.ip_forward=1");
        run("iptables-nft -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
        run("iptables-nft -A FORWARD -s 10.0.2.0/24 -j ACCEPT");
        run("iptables-nft -A FORWARD -p tcp -m tcp --dport 5432 -j ACCEPT");
        run("iptables-nft -P FORWARD DROP");
        let folder = tempfile::tempdir().unwrap();
        let (near, far) = (Node::new(1), Node::new(2));
        let listener = far.inside(|| TcpListener::bind("10.0.2.2:5432").unwrap());
        let mut client = near.inside(|| TcpStream::connect("10.0.2.2:5432").unwrap());
        let (mut server, _) = listener.accept().unwrap();
        server.write_all(b"a").unwrap();
        client.read_exact(&mut [0]).unwrap();
        let port = client.local_addr().unwrap().port();
        let at = |address: &str, port| Endpoint { address: address.parse().unwrap(), port };
        let (from, to) = (at("10.0.1.2", port), at("10.0.2.2", 5432));
        let flow = Flow {
            protocol: 6,
            original: Tuple { from, to },
            reply: Tuple { from: to, to: from },
            source: FlowSource::Tracked,
            status: 0,
            mark: 0,
            zone: 0,
            tcp_state: Some("ESTABLISHED".into()),
            is_local: false,
            is_outgoing: None,
            process: None,
        };
        let tracked = || conntrack::read().unwrap().flows.iter().any(|known| known.original.from == from);
        assert!(tracked());
        // The admin closes the port; the connection goes on, since it is established.
        run("iptables-nft -D FORWARD 3");
        let ended = end(&site(folder.path()), &[flow], &live);
        assert_eq!((ended.survivors.len(), ended.ended), (0, 1), "{ended:?}");
        assert_eq!(site(folder.path()).temporary().len(), 1);
        // The server, who may begin connections of its own, does not get through with it again.
        server.write_all(b"b").unwrap();
        client.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        assert!(client.read(&mut [0]).is_err());
        assert!(!tracked());
        firewall::guard::rollback(
            &site(folder.path()),
            Some(&site(folder.path()).temporary()[0].id.to_string()),
        )
        .unwrap();
        assert_eq!(lines(IptablesNft).len(), 3);
    });
}
