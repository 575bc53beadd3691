//! What the text of an extension needs beside its structure: names of ipsets, which the kernel's structures hold as numbers only.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use ruleset::Family;
use ruleset::nft::expression::Extension;
use ruleset::nft::iptables::Extensions;

use crate::netlink::{Attribute, Attributes, Protocol, Socket, Writer};

/// IPSET_CMD_GET_BYINDEX of the subsystem 6.
const BY_INDEX: u16 = 6 << 8 | 15;
/// IPSET_ATTR_PROTOCOL, IPSET_ATTR_SETNAME, IPSET_ATTR_INDEX.
const PROTOCOL: u16 = 1;
const NAME: u16 = 2;
const INDEX: u16 = 11;
/// The version of the protocol that knows of indexes.
const VERSION: u8 = 7;

/// A match or target: is it a target, of which family, its name, revision and structure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub is_target: bool,
    pub family: Family,
    pub name: String,
    pub revision: u32,
    pub info: Vec<u8>,
}

impl Key {
    pub fn new(extension: &Extension<'_>, family: Family, is_target: bool) -> Self {
        let Extension { name, revision, info } = *extension;
        Self { is_target, family, name: name.to_owned(), revision, info: info.to_vec() }
    }
}

/// What was asked so far.
#[derive(Default)]
pub(super) struct Told {
    ipsets: RefCell<BTreeMap<u16, Option<String>>>,
    /// What iptables-save prints for extensions that we can't write.
    pub segments: BTreeMap<Key, String>,
    /// Those that were asked for, and are not there.
    pub missing: RefCell<BTreeSet<Key>>,
}

impl Extensions for Told {
    fn ipset(&self, index: u16) -> Option<String> {
        self.ipsets.borrow_mut().entry(index).or_insert_with(|| name(index)).clone()
    }

    fn segment(&self, extension: &Extension<'_>, family: Family, is_target: bool) -> Option<String> {
        let key = Key::new(extension, family, is_target);
        let known = self.segments.get(&key).cloned();
        if known.is_none() {
            self.missing.borrow_mut().insert(key);
        }
        known
    }
}

/// Asks for the name of an ipset. A rule names it, so the module is there.
fn name(index: u16) -> Option<String> {
    let mut socket = Socket::open(Protocol::Netfilter).ok()?;
    let mut payload = Writer::new();
    payload.raw(&[2, 0, 0, 0]).u8(PROTOCOL, VERSION).be16(INDEX, index);
    let mut found = None;
    let take = |_: u16, answer: &[u8]| {
        found = Attributes::new(answer.get(4..).unwrap_or_default()).find(NAME).map(Attribute::text);
    };
    socket.ask(BY_INDEX, 0, payload.into_bytes(), take).ok()?;
    found
}
