//! What a rule does with a packet that passed its tests.

use std::net::IpAddr;

use super::{Field, SetRef};

/// An action, or the verdict.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Ends this base chain; later base chains are still asked.
    Accept,
    /// Final, in any chain of any backend.
    Drop,
    /// Final, with an answer to the sender: `icmp-port-unreachable`, `tcp-reset`, ...
    Reject(String),
    /// Back to the caller; in a base chain to its policy.
    Return,
    /// On in this chain, and back here after it.
    Jump(String),
    /// On in this chain; what it returns goes to our caller.
    Goto(String),
    /// To a program, which decides: `--queue-num 1 --queue-bypass`.
    Queue(String),
    /// Written to a log (LOG, NFLOG, TRACE, ...), and goes on. The text as written.
    Log(String),
    /// mark = (mark & !mask) ^ value, and goes on.
    SetMark {
        /// What is set (xor).
        value: u32,
        /// Which bits are cleared before.
        mask: u32,
    },
    /// The connection's mark, likewise.
    SetCtMark {
        /// What is set (xor).
        value: u32,
        /// Which bits are cleared before.
        mask: u32,
    },
    /// connection's mark = (connection's mark & !ct_mask) ^ (mark & mask), and goes on.
    SaveMark {
        /// Which bits of the mark are used.
        mask: u32,
        /// Which bits of the connection's mark are cleared.
        ct_mask: u32,
    },
    /// mark = (mark & !mask) ^ (connection's mark & ct_mask).
    RestoreMark {
        /// Which bits of the mark are cleared.
        mask: u32,
        /// Which bits of the connection's mark are used.
        ct_mask: u32,
    },
    /// Not tracked: its state is UNTRACKED from here on.
    Notrack,
    /// Destination rewritten; ends a nat chain.
    Dnat(Nat),
    /// Source rewritten.
    Snat(Nat),
    /// Source rewritten to the address of the outgoing interface.
    Masquerade(Nat),
    /// Destination rewritten to this host.
    Redirect(Nat),
    /// The network part of an address rewritten one to one: the text as written.
    Netmap(String),
    /// A verdict looked up in a map.
    VerdictMap {
        /// Which map.
        map: SetRef,
        /// Which fields are looked up.
        keys: Vec<Field>,
    },
    /// Anything else, as written.
    Other {
        /// The text.
        text: String,
        /// Does it decide anything?
        ends: Ends,
    },
}

/// Whether an action that we don't interpret decides about the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ends {
    /// Never: the next rule is asked.
    GoesOn,
    /// It may accept, drop or go on: whoever depends on it is told that we can't tell.
    Unknown,
}

/// Where an address and a port are rewritten to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Nat {
    /// First and last address of the pool; `None`: the address stays, or is chosen by the kernel.
    pub addresses: Option<(IpAddr, IpAddr)>,
    /// First and last port; `None`: the port stays where possible.
    pub ports: Option<(u16, u16)>,
    /// `random`, `persistent`, ... as written.
    pub flags: String,
}
