//! Three hosts in a row: left - server - right. The server has the rules; packets are sent through it and watched.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, SockaddrIn6, recv, sendto,
    setsockopt, socket, sockopt,
};
use ruleset::{Hook, Packet, Ruleset};

use super::bytes;
use super::space::Space;

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It came through: to a socket of the server, or out to a neighbour.
    Passed,
    /// It didn't, and the sender was told.
    Rejected,
    /// It didn't.
    Lost,
}

/// The hosts, and who watches them.
pub struct World {
    pub server: Space,
    _left: Space,
    _right: Space,
    senders: [[OwnedFd; 2]; 3],
    /// Everything that reaches the server's own sockets.
    here: Vec<OwnedFd>,
    /// Everything on the wires of left and right.
    wires: [OwnedFd; 2],
    forget: firewall::netlink::Socket,
    markers: u64,
    lost: BTreeSet<u64>,
}

/// How long something is waited for that is expected to come.
const PATIENCE: Duration = Duration::from_secs(2);

impl World {
    /// Builds the hosts. Their addresses end in .1 at the server and .2 at its neighbours:
    /// 10.0.1.0/24 and fd01::/64 on eth0 to the left, 10.0.2.0/24 and fd02::/64 on eth1 to the right.
    pub fn new() -> Self {
        let (server, left, right) = (Space::new(), Space::new(), Space::new());
        for (side, space, number) in [("eth0", &left, 1), ("eth1", &right, 2)] {
            server.ip(&format!(
                "link add {side} address 02:00:00:00:0{number}:01 type veth peer name net0 address 02:00:00:00:0{number}:02\n\
                 link set net0 netns {}\n",
                space.thread
            ));
            server.run(
                "sysctl",
                &[
                    "-qw",
                    &format!("net.ipv6.conf.{side}.accept_dad=0"),
                    &format!("net.ipv4.conf.{side}.rp_filter=0"),
                ],
                "",
            );
            space.run(
                "sysctl",
                &[
                    "-qw",
                    "net.ipv6.conf.net0.accept_dad=0",
                    "net.ipv4.conf.all.rp_filter=0",
                    "net.ipv4.conf.net0.rp_filter=0",
                ],
                "",
            );
            space.ip(&format!(
                "link set net0 up\naddress add 10.0.{number}.2/24 dev net0\naddress add fd0{number}::2/64 dev net0 nodad\n"
            ));
            server.ip(&format!(
                "link set {side} up\naddress add 10.0.{number}.1/24 dev {side}\naddress add fd0{number}::1/64 dev {side} nodad\n\
                 neighbour replace 10.0.{number}.2 lladdr 02:00:00:00:0{number}:02 dev {side}\n\
                 neighbour replace fd0{number}::2 lladdr 02:00:00:00:0{number}:02 dev {side}\n"
            ));
            space.ip(&format!(
                "neighbour replace 10.0.{number}.1 lladdr 02:00:00:00:0{number}:01 dev net0\n\
                 neighbour replace fd0{number}::1 lladdr 02:00:00:00:0{number}:01 dev net0\n\
                 route add default via 10.0.{number}.1\nroute add default via fd0{number}::1\n"
            ));
        }
        server.run(
            "sysctl",
            &[
                "-qw",
                "net.ipv4.ip_forward=1",
                "net.ipv6.conf.all.forwarding=1",
                "net.ipv4.conf.all.rp_filter=0",
                "net.ipv4.icmp_ratelimit=0",
                "net.ipv6.icmp.ratelimit=0",
                "net.ipv4.icmp_msgs_per_sec=100000",
                "net.ipv4.icmp_msgs_burst=100000",
            ],
            "",
        );
        // Addresses beyond the neighbours, for rules to tell apart.
        server.ip("route add 10.8.0.0/16 via 10.0.1.2\nroute add 10.9.0.0/16 via 10.0.2.2\n\
             route add fd08::/16 via fd01::2\nroute add fd09::/16 via fd02::2\n");
        for (space, name) in [(&server, "eth0"), (&server, "eth1"), (&left, "net0"), (&right, "net0")] {
            wait_for_link(space, name);
        }
        let here = server.within(|| {
            let mut sockets = Vec::new();
            for family in [AddressFamily::Inet, AddressFamily::Inet6] {
                let icmp =
                    if family == AddressFamily::Inet { SockProtocol::Icmp } else { SockProtocol::IcmpV6 };
                for protocol in [SockProtocol::Tcp, SockProtocol::Udp, icmp] {
                    sockets.push(raw(family, protocol));
                }
            }
            sockets
        });
        let senders = [&server, &left, &right].map(|space| {
            space.within(|| {
                [AddressFamily::Inet, AddressFamily::Inet6].map(|family| raw(family, SockProtocol::Raw))
            })
        });
        let wires = [&left, &right].map(|space| {
            space.within(|| {
                let wire = socket(AddressFamily::Packet, SockType::Raw, flags(), SockProtocol::EthAll);
                wire.expect("root may watch")
            })
        });
        let forget = server.within(|| {
            firewall::netlink::Socket::open(firewall::netlink::Protocol::Netfilter).expect("netlink is there")
        });
        Self {
            server,
            _left: left,
            _right: right,
            senders,
            here,
            wires,
            forget,
            markers: 1,
            lost: BTreeSet::new(),
        }
    }

    /// The rules and the host, as the tool reads them.
    pub fn read(&self) -> Ruleset {
        self.server.within(|| {
            let (mut ruleset, _) = firewall::live::rules::read(&firewall::live::rules::Options::default())
                .expect("rules can be read");
            ruleset.host = firewall::live::host::read().expect("the host can be read");
            ruleset
        })
    }

    /// Forgets all tracked connections.
    pub fn forget_connections(&mut self) {
        // IPCTNL_MSG_CT_DELETE without a tuple: all of them. Fails while nothing tracks.
        let _ = self.forget.ask((1 << 8) | 2, 0, vec![0, 0, 0, 0], |_, _| {});
    }

    /// Sends the packet and sees what becomes of it. `expected`: what is waited for.
    pub fn send(&mut self, packet: &Packet, expected: Fate) -> Fate {
        self.markers += 1;
        let marker = self.markers;
        self.drain();
        let from = match (packet.hook, packet.in_interface.as_deref()) {
            (Hook::Output, _) => 0,
            (_, Some("eth1")) => 2,
            _ => 1,
        };
        let bytes = bytes::of(packet, marker);
        let to = packet.destination.expect("a real packet has a destination");
        let result = match to {
            IpAddr::V4(to) => sendto(
                self.senders[from][0].as_raw_fd(),
                &bytes,
                &SockaddrIn::from(SocketAddrV4::new(to, 0)),
                MsgFlags::empty(),
            ),
            IpAddr::V6(to) => sendto(
                self.senders[from][1].as_raw_fd(),
                &bytes,
                &SockaddrIn6::from(SocketAddrV6::new(to, 0, 0, 0)),
                MsgFlags::empty(),
            ),
        };
        match result {
            Ok(_) => {}
            Err(Errno::EPERM) if packet.hook == Hook::Output => return Fate::Lost,
            Err(error) => panic!("{packet:?}: {error}"),
        }
        let begin = Instant::now();
        loop {
            let fate = self.seen(packet, marker);
            if fate == expected || begin.elapsed() > PATIENCE {
                if fate == Fate::Lost {
                    self.lost.insert(marker);
                }
                return fate;
            }
            self.wait();
        }
    }

    fn wait(&self) {
        let mut sockets: Vec<PollFd<'_>> = Vec::new();
        for one in self.here.iter().chain(&self.wires) {
            sockets.push(PollFd::new(std::os::fd::AsFd::as_fd(one), PollFlags::POLLIN));
        }
        let _ = poll(&mut sockets, PollTimeout::from(100_u16));
    }

    fn seen(&mut self, packet: &Packet, marker: u64) -> Fate {
        let mut is_told = false;
        for at in 0..self.here.len() {
            for bytes in received(&self.here[at]) {
                self.is_late(&bytes);
                if bytes::has_marker(&bytes, marker) && !bytes::is_answer(&bytes) {
                    return Fate::Passed;
                }
            }
        }
        for at in 0..self.wires.len() {
            for frame in received(&self.wires[at]) {
                // Frames that a neighbour sends itself are watched as well; the server's begin with the neighbour's address.
                if frame.get(5) != Some(&2) {
                    continue;
                }
                let bytes = frame.get(14..).unwrap_or_default();
                self.is_late(bytes);
                if bytes::tells(bytes, packet, marker) {
                    is_told = true;
                } else if bytes::has_marker(bytes, marker) {
                    return Fate::Passed;
                }
            }
        }
        if is_told { Fate::Rejected } else { Fate::Lost }
    }

    fn is_late(&self, bytes: &[u8]) {
        for lost in &self.lost {
            let is_seen = bytes::has_marker(bytes, *lost) && !bytes::is_answer(bytes);
            assert!(!is_seen, "packet {lost} was counted as lost, and came after all");
        }
    }

    fn drain(&mut self) {
        for one in self.here.iter().chain(&self.wires) {
            for bytes in received(one) {
                self.is_late(bytes.get(14..).unwrap_or_default());
            }
        }
        self.lost.clear();
    }
}

/// The kernel switches a new link on a little later, and until then loses what is sent.
fn wait_for_link(space: &Space, name: &str) {
    let begin = Instant::now();
    while !space.run("ip", &["-o", "link", "show", name], "").contains("state UP") {
        assert!(begin.elapsed() < PATIENCE * 5, "{name} never came up");
    }
}

fn flags() -> SockFlag {
    SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK
}

fn raw(family: AddressFamily, protocol: SockProtocol) -> OwnedFd {
    let socket = socket(family, SockType::Raw, flags(), protocol).expect("root may open raw sockets");
    let _ = setsockopt(&socket, sockopt::RcvBufForce, &(4 << 20));
    socket
}

fn received(socket: &OwnedFd) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut buffer = [0; 2_048];
    while let Ok(length) = recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
        all.push(buffer[..length].to_vec());
    }
    all
}
