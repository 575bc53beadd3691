//! What is alive on a host: flows, listening services, and the way by which the person at the keyboard came in.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A transport protocol by its number: 6 tcp, 17 udp, ...
pub type Protocol = u8;

/// An address and a port (or the id of an ICMP echo).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// The address.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
}

/// From where to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tuple {
    /// Sender.
    pub from: Endpoint,
    /// Receiver.
    pub to: Endpoint,
}

/// A live flow, of connection tracking, of an established socket, or of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Its protocol.
    pub protocol: Protocol,
    /// As its first packet went, before any translation. Of an untracked socket: from the peer to us.
    pub original: Tuple,
    /// As its answers go, before they are translated back.
    pub reply: Tuple,
    /// Where it is known from.
    pub source: FlowSource,
    /// Status bits of connection tracking ([`Field::CtStatus`](super::Field::CtStatus)); 0 if not tracked.
    pub status: u32,
    /// Connection mark.
    pub mark: u32,
    /// Zone.
    pub zone: u16,
    /// State of a TCP connection, such as `ESTABLISHED`.
    pub tcp_state: Option<String>,
    /// Does it end at this host (rather than pass through)?
    pub is_local: bool,
    /// Did this host begin it? `None` where that can't be told.
    pub is_outgoing: Option<bool>,
    /// The program at this host's end.
    pub process: Option<String>,
}

/// Where a flow is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlowSource {
    /// Connection tracking alone: forwarded, or a local one whose socket is not TCP or UDP.
    Tracked,
    /// An established socket that connection tracking doesn't know.
    Socket,
    /// Both.
    Both,
}

/// A service that waits for connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// Its protocol.
    pub protocol: Protocol,
    /// Where it listens; the zero address for everywhere.
    pub at: Endpoint,
    /// An IPv6 socket that takes IPv4 as well.
    pub is_dual: bool,
    /// Bound to one interface.
    pub interface: Option<String>,
    /// The program, where it can be told.
    pub process: Option<String>,
    /// Its process id.
    pub pid: Option<u32>,
}

/// A way by which somebody is logged in from elsewhere, and must be able to come again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayIn {
    /// The other end.
    pub peer: Endpoint,
    /// This end: the address and port of sshd.
    pub here: Endpoint,
    /// How it was found.
    pub source: WayInSource,
}

/// How a way in was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayInSource {
    /// SSH_CONNECTION of this process or one of its ancestors.
    Environment,
    /// The socket of the sshd that is our ancestor.
    Ancestor,
    /// Every established peer of every sshd: the session could not be told apart.
    EveryPeer,
}
