//! One transaction of nf_tables: all of it is done, or nothing.

use std::collections::BTreeMap;

use nix::errno::Errno;
use ruleset::{Counters, Family, Policy, RawRule};

use super::expression;
use super::kernel::{self, KernelChain, chain, header, message, rule};
use crate::netlink::{Attributes, Message, NetlinkError, Socket, Writer, flags};

/// Where a rule comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the rule.
    Before(Anchor),
    /// After the rule.
    After(Anchor),
    /// At the top.
    First,
    /// At the end.
    Last,
}

/// A rule that is there, or one that comes in by the same batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// By its handle.
    Handle(u64),
    /// By the number that it has in this batch.
    New(u32),
}

/// Family, table and chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At<'a> {
    pub family: Family,
    pub table: &'a str,
    pub chain: &'a str,
}

/// A batch that is being written; each operation belongs to a change, by its number.
pub(super) struct Batch<'s> {
    socket: &'s mut Socket,
    bytes: Vec<u8>,
    owners: BTreeMap<u32, usize>,
}

/// What the kernel told of a rule that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::apply) struct Told {
    pub handle: u64,
    pub previous: Option<u64>,
}

/// Why nothing was written.
#[derive(Debug)]
pub(super) enum Refused {
    /// Something else was written since the generation that the batch names.
    Stale,
    /// One operation was refused: the number of its change, if it is that of a change.
    Change(Option<usize>, Errno),
    /// The socket failed.
    Netlink(NetlinkError),
}

impl<'s> Batch<'s> {
    /// Begins one that is refused unless nf_tables is still at this generation; `None` for any.
    pub fn begin(socket: &'s mut Socket, generation: Option<u32>) -> Self {
        let mut batch = Self { socket, bytes: Vec::new(), owners: BTreeMap::new() };
        let mut writer = Writer::new();
        // The resource of a batch is the subsystem, 10, in network order.
        writer.raw(&[0, 0, 0, 10]);
        if let Some(generation) = generation {
            writer.be32(1, generation);
        }
        batch.push(message::BATCH_BEGIN, 0, writer, None);
        batch
    }

    fn push(&mut self, kind: u16, flags: u16, payload: Writer, owner: Option<usize>) {
        let sequence = self.socket.sequence();
        if let Some(owner) = owner {
            self.owners.insert(sequence, owner);
        }
        let message =
            Message { kind, flags: flags | flags::REQUEST, sequence, payload: payload.into_bytes() };
        message.write_to(&mut self.bytes);
    }

    /// A table, unless it is there.
    pub fn make_table(&mut self, family: Family, table: &str) {
        let mut writer = Writer::new();
        writer.raw(&header(Some(family))).text(1, table).be32(2, 0);
        self.push(message::NEW_TABLE, flags::CREATE, writer, None);
    }

    /// A chain like the one that iptables made elsewhere.
    pub fn make_chain(&mut self, at: At<'_>, like: &KernelChain) {
        let mut writer = Writer::new();
        writer.raw(&header(Some(at.family))).text(chain::TABLE, at.table).text(chain::NAME, at.chain);
        for attribute in Attributes::new(&like.attributes) {
            match attribute.number {
                chain::POLICY | chain::TYPE => writer.bytes(attribute.number, attribute.payload),
                chain::HOOK | chain::COUNTERS => writer.bytes(attribute.number | 0x8000, attribute.payload),
                _ => &mut writer,
            };
        }
        self.push(message::NEW_CHAIN, flags::CREATE, writer, None);
    }

    /// Another policy for a base chain.
    pub fn set_policy(&mut self, at: At<'_>, policy: Policy, owner: usize) {
        let mut writer = Writer::new();
        writer.raw(&header(Some(at.family))).text(chain::TABLE, at.table).text(chain::NAME, at.chain);
        writer.be32(chain::POLICY, kernel::policy_number(policy));
        self.push(message::NEW_CHAIN, 0, writer, Some(owner));
    }

    /// A rule comes in; `number` names it for others of this batch.
    pub fn add_rule(&mut self, at: At<'_>, place: Place, number: u32, raw: &RawRule, owner: usize) {
        let mut writer = Writer::new();
        writer.raw(&header(Some(at.family))).text(rule::TABLE, at.table).text(rule::CHAIN, at.chain);
        writer.bytes(rule::EXPRESSIONS | 0x8000, &raw.expressions);
        if let Some(compat) = expression::compat(&raw.expressions) {
            writer.nest(rule::COMPAT, |inner| {
                // NFT_RULE_COMPAT_F_INV is 2.
                inner.be32(1, compat.protocol.into()).be32(2, if compat.is_inverted { 2 } else { 0 });
            });
        }
        if let Some(userdata) = &raw.userdata {
            writer.bytes(rule::USERDATA, userdata);
        }
        writer.be32(rule::ID, number);
        let append = match place {
            Place::Before(_) | Place::First => 0,
            Place::After(_) | Place::Last => flags::APPEND,
        };
        match place {
            Place::Before(Anchor::Handle(handle)) | Place::After(Anchor::Handle(handle)) => {
                writer.be64(rule::POSITION, handle);
            }
            Place::Before(Anchor::New(number)) | Place::After(Anchor::New(number)) => {
                writer.be32(rule::POSITION_ID, number);
            }
            Place::First | Place::Last => {}
        }
        self.push(message::NEW_RULE, flags::CREATE | flags::ECHO | append, writer, Some(owner));
    }

    /// A rule goes.
    pub fn delete_rule(&mut self, at: At<'_>, handle: u64, owner: usize) {
        let mut writer = Writer::new();
        writer.raw(&header(Some(at.family))).text(rule::TABLE, at.table).text(rule::CHAIN, at.chain);
        writer.be64(rule::HANDLE, handle);
        self.push(message::DELETE_RULE, 0, writer, Some(owner));
    }

    /// A chain goes, with whatever is in it.
    pub fn delete_chain(&mut self, at: At<'_>) {
        let mut writer = Writer::new();
        writer.raw(&header(Some(at.family))).text(chain::TABLE, at.table).text(chain::NAME, at.chain);
        self.push(message::DELETE_CHAIN, 0, writer, None);
    }

    /// A table goes, with whatever is in it.
    pub fn delete_table(&mut self, family: Family, table: &str) {
        let mut writer = Writer::new();
        writer.raw(&header(Some(family))).text(1, table);
        self.push(message::DELETE_TABLE, 0, writer, None);
    }

    /// Writes all of it; tells of each rule that came in, by the number of its change.
    pub fn commit(mut self) -> Result<BTreeMap<usize, Told>, Refused> {
        let mut end = Writer::new();
        end.raw(&[0, 0, 0, 10]);
        self.push(message::BATCH_END, 0, end, None);
        let owners = self.owners;
        let mut told = BTreeMap::new();
        let refusals = self.socket.batch(&self.bytes, |kind, sequence, payload| {
            if kind == message::NEW_RULE
                && let Some(owner) = owners.get(&sequence)
            {
                let rule = kernel::kernel_rule(payload);
                told.insert(*owner, Told { handle: rule.handle, previous: rule.previous });
            }
        });
        match refusals.map_err(Refused::Netlink)?.first() {
            None => Ok(told),
            Some(refusal) if refusal.errno == Errno::ERESTART => Err(Refused::Stale),
            Some(refusal) => Err(Refused::Change(owners.get(&refusal.sequence).copied(), refusal.errno)),
        }
    }
}

/// A rule as it goes back: its bytes, with what it had counted.
pub(super) fn with_its_counters(raw: &RawRule, counters: Option<Counters>) -> RawRule {
    match counters {
        None => raw.clone(),
        Some(counters) => RawRule {
            expressions: expression::with_counters(&raw.expressions, counters),
            userdata: raw.userdata.clone(),
        },
    }
}
