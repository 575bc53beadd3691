//! nf_tables over netlink: single objects, by handle, and the numbers of linux/netfilter/nf_tables.h.

use nix::errno::Errno;
use ruleset::{Family, Policy};

use crate::netlink::{Attribute, Attributes, NetlinkError, Socket, Writer, flags};

/// nlmsg_type of the messages of nf_tables.
pub(super) mod message {
    const SUBSYSTEM: u16 = 10 << 8;
    pub const NEW_TABLE: u16 = SUBSYSTEM;
    pub const DELETE_TABLE: u16 = SUBSYSTEM | 2;
    pub const NEW_CHAIN: u16 = SUBSYSTEM | 3;
    pub const GET_CHAIN: u16 = SUBSYSTEM | 4;
    pub const DELETE_CHAIN: u16 = SUBSYSTEM | 5;
    pub const NEW_RULE: u16 = SUBSYSTEM | 6;
    pub const GET_RULE: u16 = SUBSYSTEM | 7;
    pub const DELETE_RULE: u16 = SUBSYSTEM | 8;
    pub const NEW_GENERATION: u16 = SUBSYSTEM | 15;
    pub const GET_GENERATION: u16 = SUBSYSTEM | 16;
    pub const GET_TABLE: u16 = SUBSYSTEM | 1;
    pub const BATCH_BEGIN: u16 = 0x10;
    pub const BATCH_END: u16 = 0x11;
}

/// Numbers of the attributes of a rule.
pub(super) mod rule {
    pub const TABLE: u16 = 1;
    pub const CHAIN: u16 = 2;
    pub const HANDLE: u16 = 3;
    pub const EXPRESSIONS: u16 = 4;
    pub const COMPAT: u16 = 5;
    pub const POSITION: u16 = 6;
    pub const USERDATA: u16 = 7;
    pub const ID: u16 = 9;
    pub const POSITION_ID: u16 = 10;
}

/// Numbers of the attributes of a chain.
pub(super) mod chain {
    pub const TABLE: u16 = 1;
    pub const NAME: u16 = 3;
    pub const HOOK: u16 = 4;
    pub const POLICY: u16 = 5;
    pub const TYPE: u16 = 7;
    pub const COUNTERS: u16 = 8;
}

/// A rule as the kernel has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KernelRule {
    pub handle: u64,
    /// Handle of the rule before it, in a dump and for one in the middle of its chain.
    pub previous: Option<u64>,
    pub expressions: Vec<u8>,
    pub userdata: Option<Vec<u8>>,
}

/// A chain as the kernel has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KernelChain {
    pub policy: Option<Policy>,
    /// Its attributes as they came.
    pub attributes: Vec<u8>,
}

/// The fixed header of nfnetlink.
pub(super) fn header(family: Option<Family>) -> [u8; 4] {
    let number = match family {
        None => 0,
        Some(Family::Inet) => 1,
        Some(Family::Ip) => 2,
        Some(Family::Arp) => 3,
        Some(Family::Netdev) => 5,
        Some(Family::Bridge) => 7,
        Some(Family::Ip6) => 10,
    };
    [number, 0, 0, 0]
}

/// The policy's number for the kernel.
pub(super) fn policy_number(policy: Policy) -> u32 {
    match policy {
        Policy::Drop => 0,
        Policy::Accept => 1,
    }
}

/// The generation of nf_tables now.
pub(super) fn generation(socket: &mut Socket) -> Result<u32, NetlinkError> {
    let mut found = 0;
    socket.ask(message::GET_GENERATION, 0, header(None).to_vec(), |kind, payload| {
        if kind == message::NEW_GENERATION {
            let number = attributes(payload).find(1).and_then(Attribute::be32);
            found = number.unwrap_or_default();
        }
    })?;
    Ok(found)
}

/// One rule, or `None` where there is none (or no such chain or table).
pub(super) fn rule_by_handle(
    socket: &mut Socket,
    family: Family,
    table: &str,
    chain: &str,
    handle: u64,
) -> Result<Option<KernelRule>, NetlinkError> {
    let mut writer = Writer::new();
    writer.raw(&header(Some(family))).text(rule::TABLE, table).text(rule::CHAIN, chain);
    writer.be64(rule::HANDLE, handle);
    let mut found = None;
    let answer = socket.ask(message::GET_RULE, 0, writer.into_bytes(), |kind, payload| {
        if kind == message::NEW_RULE {
            found = Some(kernel_rule(payload));
        }
    });
    absent_is_fine(answer)?;
    Ok(found)
}

/// All rules of a chain, in order; `None` where there is no such chain.
pub(super) fn rules(
    socket: &mut Socket,
    family: Family,
    table: &str,
    chain: &str,
) -> Result<Option<Vec<KernelRule>>, NetlinkError> {
    if chain_by_name(socket, family, table, chain)?.is_none() {
        return Ok(None);
    }
    loop {
        let mut writer = Writer::new();
        writer.raw(&header(Some(family))).text(rule::TABLE, table).text(rule::CHAIN, chain);
        let mut found = Vec::new();
        let answer = socket.ask(message::GET_RULE, flags::DUMP, writer.into_bytes(), |kind, payload| {
            if kind == message::NEW_RULE {
                found.push(kernel_rule(payload));
            }
        });
        match answer {
            Err(NetlinkError::Interrupted) => {}
            answer => {
                absent_is_fine(answer)?;
                return Ok(Some(found));
            }
        }
    }
}

/// One chain, or `None`.
pub(super) fn chain_by_name(
    socket: &mut Socket,
    family: Family,
    table: &str,
    name: &str,
) -> Result<Option<KernelChain>, NetlinkError> {
    let mut writer = Writer::new();
    writer.raw(&header(Some(family))).text(chain::TABLE, table).text(chain::NAME, name);
    let mut found = None;
    let answer = socket.ask(message::GET_CHAIN, 0, writer.into_bytes(), |kind, payload| {
        if kind == message::NEW_CHAIN {
            let attributes = attributes(payload);
            let policy = match attributes.find(chain::POLICY).and_then(Attribute::be32) {
                Some(0) => Some(Policy::Drop),
                Some(_) => Some(Policy::Accept),
                None => None,
            };
            let attributes = payload.get(4..).unwrap_or_default().to_vec();
            found = Some(KernelChain { policy, attributes });
        }
    });
    absent_is_fine(answer)?;
    Ok(found)
}

/// Names of the chains of a table; `None` where there is no such table.
pub(super) fn chain_names(
    socket: &mut Socket,
    family: Family,
    table: &str,
) -> Result<Option<Vec<String>>, NetlinkError> {
    let mut writer = Writer::new();
    writer.raw(&header(Some(family))).text(1, table);
    let mut is_there = false;
    let answer = socket.ask(message::GET_TABLE, 0, writer.into_bytes(), |kind, _| {
        is_there |= kind == message::NEW_TABLE;
    });
    absent_is_fine(answer)?;
    if !is_there {
        return Ok(None);
    }
    let mut names = Vec::new();
    let header = header(Some(family)).to_vec();
    socket.ask(message::GET_CHAIN, flags::DUMP, header, |kind, payload| {
        let text = |number| attributes(payload).find(number).map(Attribute::text).unwrap_or_default();
        if kind == message::NEW_CHAIN && text(chain::TABLE) == table {
            names.push(text(chain::NAME));
        }
    })?;
    Ok(Some(names))
}

/// The attributes after the fixed header.
pub(super) fn attributes(payload: &[u8]) -> Attributes<'_> {
    Attributes::new(payload.get(4..).unwrap_or_default())
}

/// A rule in the payload of a message.
pub(super) fn kernel_rule(payload: &[u8]) -> KernelRule {
    let attributes = attributes(payload);
    KernelRule {
        handle: attributes.find(rule::HANDLE).and_then(Attribute::be64).unwrap_or_default(),
        previous: attributes.find(rule::POSITION).and_then(Attribute::be64),
        expressions: attributes
            .find(rule::EXPRESSIONS)
            .map(|found| found.payload.to_vec())
            .unwrap_or_default(),
        userdata: attributes.find(rule::USERDATA).map(|found| found.payload.to_vec()),
    }
}

fn absent_is_fine(answer: Result<(), NetlinkError>) -> Result<(), NetlinkError> {
    match answer {
        Err(error) if error.errno() == Some(Errno::ENOENT) => Ok(()),
        answer => answer,
    }
}
