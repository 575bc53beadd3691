//! What is live now: rules of every backend, sets, flows, listening services, addresses, the way in.

pub mod conntrack;
pub mod flows;
pub mod host;
pub mod ipset;
pub mod legacy;
pub mod modules;
pub mod nftables;
pub mod observed;
pub mod proc_net;
pub mod processes;
pub mod program;
pub mod rules;
pub mod sockets;
pub mod way_in;

use std::collections::BTreeSet;
use std::net::IpAddr;

use ruleset::{Flow, Listener, Note, Ruleset, WayIn};

use crate::netlink::NetlinkError;

/// Everything that was read at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The rules, sets, addresses and routes.
    pub ruleset: Ruleset,
    /// The generation of nf_tables at which all its tables were read; a batch that carries it is refused if anything changed since.
    pub generation: Option<u32>,
    /// The network namespace: device and inode of /proc/self/ns/net.
    pub namespace: (u64, u64),
    /// Live flows.
    pub flows: Vec<Flow>,
    /// Listening services.
    pub listeners: Vec<Listener>,
    /// How the person at the keyboard came in; empty at a console.
    pub ways_in: Vec<WayIn>,
}

/// What a snapshot shall hold beside the rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Want {
    /// Listening services, and ways in.
    pub services: bool,
    /// Live flows.
    pub flows: bool,
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The rules.
    #[error("the rules can't be read")]
    Rules(#[source] rules::ReadError),
    /// Addresses and routes.
    #[error("addresses and routes can't be read")]
    Host(#[source] host::HostError),
    /// Sockets.
    #[error("the sockets of this network namespace can't be read")]
    Sockets(#[source] NetlinkError),
    /// Tracked connections.
    #[error("the tracked connections can't be read")]
    Tracked(#[source] NetlinkError),
}

/// Reads the rules of this thread's network namespace, and what else is wanted. Nothing is changed by it, no module loaded.
pub fn snapshot(want: Want) -> Result<Snapshot, LiveError> {
    let (mut ruleset, generation) = rules::read(&rules::Options::default()).map_err(LiveError::Rules)?;
    ruleset.host = host::read().map_err(LiveError::Host)?;
    let mut snapshot = Snapshot { ruleset, generation, namespace: namespace(), ..Snapshot::default() };
    add_life(&mut snapshot, want)?;
    Ok(snapshot)
}

/// Adds what lives beside the rules to a snapshot that holds rules and addresses.
fn add_life(snapshot: &mut Snapshot, want: Want) -> Result<(), LiveError> {
    if !want.services && !want.flows {
        return Ok(());
    }
    let sockets = sockets::read().map_err(LiveError::Sockets)?;
    let holders = processes::holders(sockets.iter().map(|socket| socket.inode));
    snapshot.listeners = sockets::listeners(&sockets, &holders);
    snapshot.ways_in = way_in::ways_in(&sockets, &holders, &way_in::Proc);
    if want.flows {
        let tracked = conntrack::read().map_err(LiveError::Tracked)?;
        if let Some(gap) = tracked.gap {
            snapshot.ruleset.notes.push(Note { place: "conntrack".into(), text: gap.into() });
        }
        let interfaces = &snapshot.ruleset.host.interfaces;
        let own: BTreeSet<IpAddr> =
            interfaces.iter().flat_map(|i| &i.addresses).map(|address| address.address).collect();
        let is_own = |address: IpAddr| address.is_loopback() || own.contains(&address);
        snapshot.flows = flows::joined(tracked.flows, &sockets, &holders, is_own);
    }
    Ok(())
}

/// Device and inode of this thread's network namespace; zeros where /proc isn't mounted.
pub fn namespace() -> (u64, u64) {
    namespace_of("thread-self").unwrap_or_default()
}

/// Device and inode of the network namespace of a process (`1`, `self`, `thread-self`).
pub fn namespace_of(process: &str) -> Option<(u64, u64)> {
    let status = nix::sys::stat::stat(format!("/proc/{process}/ns/net").as_str()).ok()?;
    Some((status.st_dev, status.st_ino))
}
