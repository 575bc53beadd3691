//! ipsets that rules name: the kernel knows them by a number, which is another one in each namespace.

use std::collections::BTreeMap;

use ruleset::IpSet;

use super::encode::{EncodeError, What, Wish};
use crate::apply::program::{self, ProgramError};
use crate::netlink::{NetlinkError, Protocol, Socket, Writer};

/// IPSET_CMD_GET_BYNAME of the ipset subsystem.
const BY_NAME: u16 = (6 << 8) | 14;
/// IPSET_ATTR_PROTOCOL and the version of the protocol that has this command.
const PROTOCOL: (u16, u8) = (1, 7);
/// IPSET_ATTR_SETNAME.
const NAME: u16 = 2;
/// IPSET_ATTR_INDEX.
const INDEX: u16 = 11;

/// The sets that the rules name, each once.
pub(super) fn named<'a>(wishes: &[Wish], ipsets: &'a [IpSet]) -> Result<Vec<&'a IpSet>, EncodeError> {
    let mut named: Vec<&IpSet> = Vec::new();
    for wish in wishes {
        let What::Rule(text) = &wish.what else { continue };
        let mut words = text.split(' ');
        while let Some(word) = words.next() {
            if !matches!(word, "--match-set" | "--add-set" | "--del-set" | "--map-set") {
                continue;
            }
            let name = words.next().unwrap_or_default().trim_matches('"');
            let set = ipsets.iter().find(|set| set.name == name);
            let set = set.ok_or_else(|| EncodeError::NoSet(name.to_owned()))?;
            if !named.iter().any(|known| known.name == set.name) {
                named.push(set);
            }
        }
    }
    Ok(named)
}

/// Makes them, empty, in the namespace of this thread.
pub(super) fn make(sets: &[&IpSet]) -> Result<(), ProgramError> {
    if sets.is_empty() {
        return Ok(());
    }
    let text: String =
        sets.iter().map(|set| format!("create {} {} {}\n", set.name, set.kind, set.options)).collect();
    program::start("ipset", &["restore"], &[], &text)?.finish()?;
    Ok(())
}

/// The numbers that they have in the namespace of this thread; one that is not there has none.
pub(super) fn indices(sets: &[&IpSet]) -> Result<BTreeMap<String, u16>, NetlinkError> {
    let mut found = BTreeMap::new();
    if sets.is_empty() {
        return Ok(found);
    }
    let mut socket = Socket::open(Protocol::Netfilter)?;
    for set in sets {
        let mut writer = Writer::new();
        writer.raw(&super::kernel::header(None)).u8(PROTOCOL.0, PROTOCOL.1).text(NAME, &set.name);
        let answer = socket.ask(BY_NAME, 0, writer.into_bytes(), |_, payload| {
            let index = super::kernel::attributes(payload).find(INDEX);
            if let Some(bytes) = index.and_then(|index| index.payload.first_chunk()) {
                found.insert(set.name.clone(), u16::from_be_bytes(*bytes));
            }
        });
        // Any other refusal means that there is no such set.
        if let Err(error @ NetlinkError::Socket(_)) = answer {
            return Err(error);
        }
    }
    Ok(found)
}
