//! What is live now: rules of every backend, sets, flows, listening services, addresses, the way in.

use ruleset::{Flow, Listener, Ruleset, WayIn};

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
