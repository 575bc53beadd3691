//! nf_tables over netlink: native tables and those of iptables-nft.
//!
//! The kernel is only asked; nothing is created and no module loaded by it. A change while it is read shows in the generation,
//! and then all is read again.

mod decode;
mod dump;
mod frame;
mod made_by;
mod rules;
mod sets_by_number;

pub use decode::expressions;

use ruleset::nft::iptables::Reader;
use ruleset::{Note, Table};

use super::modules;
use crate::netlink::{NetlinkError, Protocol, Socket};

/// What nf_tables holds.
#[derive(Clone, Debug, Default)]
pub struct NfTables {
    /// Its tables: those of iptables-nft first.
    pub tables: Vec<Table>,
    /// The generation at which all of it was true; `None` if there is no nf_tables in this kernel.
    pub generation: Option<u32>,
    /// What a person has to know.
    pub notes: Vec<Note>,
}

/// How often a ruleset that changes while it is read is read again.
const ATTEMPTS: u32 = 20;

/// Reads everything. `Interrupted` if it never held still.
///
/// # Errors
/// Those of netlink; EPERM without CAP_NET_ADMIN.
pub fn read() -> Result<NfTables, NetlinkError> {
    if !modules::is_present("nf_tables") {
        return Ok(NfTables::default());
    }
    let mut socket = Socket::open(Protocol::Netfilter)?;
    for _ in 0..ATTEMPTS {
        let before = dump::generation(&mut socket)?;
        match once(&mut socket) {
            Ok(mut found) if dump::generation(&mut socket)? == before => {
                found.generation = Some(before);
                return Ok(found);
            }
            Ok(_) | Err(NetlinkError::Interrupted) => {}
            Err(error) => return Err(error),
        }
    }
    Err(NetlinkError::Interrupted)
}

fn once(socket: &mut Socket) -> Result<NfTables, NetlinkError> {
    let mut tables = frame::read(socket)?;
    made_by::sort(&mut tables);
    let extensions = sets_by_number::Told::default();
    let mut reader = Reader::new(&extensions);
    for table in &mut tables {
        rules::read(socket, table, &mut reader)?;
    }
    Ok(NfTables { tables, generation: None, notes: Vec::new() })
}
