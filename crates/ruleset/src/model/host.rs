//! Addresses and routes, as far as verdicts need them: what is local, and by which interface a packet goes out.

use std::net::IpAddr;

/// What the host knows about its network; empty for a dump file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Was it read at all? A dump file has no host: then nothing is concluded from what is absent here.
    pub is_known: bool,
    /// Its interfaces.
    pub interfaces: Vec<Interface>,
    /// Its routes, of all tables.
    pub routes: Vec<Route>,
    /// Its routing rules, by priority.
    pub rules: Vec<RoutingRule>,
    /// net.ipv4.ip_forward.
    pub forwards_v4: bool,
    /// net.ipv6.conf.all.forwarding.
    pub forwards_v6: bool,
}

/// An interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// The kernel's number of it.
    pub index: u32,
    /// Is it up?
    pub is_up: bool,
    /// Is it a loopback?
    pub is_loopback: bool,
    /// Its addresses.
    pub addresses: Vec<Address>,
    /// The bridge, bond or VRF that it belongs to.
    pub master: Option<u32>,
}

/// An address of an interface, with the length of its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub address: IpAddr,
    /// Bits of the network.
    pub prefix: u8,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its table: 254 main, 255 local, 253 default.
    pub table: u32,
    /// Destination network; the zero address with length 0 is the default route.
    pub destination: Address,
    /// What happens.
    pub kind: RouteKind,
    /// Name of the interface; several for a multipath route.
    pub interfaces: Vec<String>,
    /// The router.
    pub via: Option<IpAddr>,
    /// Smaller is preferred.
    pub metric: u32,
    /// The source address that the kernel prefers.
    pub source: Option<IpAddr>,
}

/// What a route does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// Sends on.
    Unicast,
    /// Delivers here.
    Local,
    /// Broadcast.
    Broadcast,
    /// Multicast.
    Multicast,
    /// Blackhole, unreachable, prohibit.
    Refuses,
    /// Goes on with the next routing rule.
    Throw,
    /// Anything else.
    Other,
}

/// A rule of `ip rule`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutingRule {
    /// 4 or 6.
    pub version: u8,
    /// Smaller is asked first.
    pub priority: u32,
    /// Source network.
    pub from: Option<Address>,
    /// Destination network.
    pub to: Option<Address>,
    /// Input interface.
    pub in_interface: Option<String>,
    /// Output interface.
    pub out_interface: Option<String>,
    /// Mark and mask.
    pub mark: Option<(u32, u32)>,
    /// The table that it looks up.
    pub table: Option<u32>,
    /// Something in it was not understood: what hangs on it can't be told.
    pub is_opaque: bool,
}
