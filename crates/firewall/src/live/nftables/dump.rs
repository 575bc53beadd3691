//! Asks nf_tables: generation, tables, chains, the rules of one chain, sets and their elements.
//!
//! Rules are dumped chain by chain: a dump of a whole table costs the kernel more the more chains there are.

use crate::netlink::{Attributes, NetlinkError, Socket, Writer, flags};

/// Subsystem of nf_tables in nfnetlink.
const NF_TABLES: u16 = 10 << 8;

/// Messages that ask.
#[derive(Clone, Copy)]
pub(super) enum Ask {
    Tables = 1,
    Chains = 4,
    Rules = 7,
    Sets = 10,
    Elements = 13,
    Generation = 16,
    Objects = 19,
    Flowtables = 23,
}

/// Asks for all objects of a kind: NFPROTO_* 0 for any family, and attributes that narrow it down.
pub(super) fn dump(
    socket: &mut Socket,
    ask: Ask,
    family: u8,
    narrow: &[(u16, &str)],
    mut take: impl FnMut(u8, Attributes<'_>),
) -> Result<(), NetlinkError> {
    let mut payload = Writer::new();
    payload.raw(&[family, 0, 0, 0]);
    for (number, text) in narrow {
        payload.text(*number, text);
    }
    socket.ask(NF_TABLES | ask as u16, flags::DUMP, payload.into_bytes(), |_, answer| {
        if let Some((head, attributes)) = answer.split_at_checked(4) {
            take(head[0], Attributes::new(attributes));
        }
    })
}

/// The generation: it changes with every change of any table of this network namespace. NFTA_GEN_ID 1.
pub(super) fn generation(socket: &mut Socket) -> Result<u32, NetlinkError> {
    let mut found = 0;
    let kind = NF_TABLES | Ask::Generation as u16;
    socket.ask(kind, 0, vec![0; 4], |_, answer| {
        let attributes = Attributes::new(answer.get(4..).unwrap_or_default());
        if let Some(number) = attributes.find(1).and_then(|attribute| attribute.be32()) {
            found = number;
        }
    })?;
    Ok(found)
}
