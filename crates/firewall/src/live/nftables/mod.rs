//! nf_tables over netlink: native tables and those of iptables-nft.
//!
//! The kernel is only asked; nothing is created and no module loaded by it. A change while it is read shows in the generation,
//! and then all is read again.

mod decode;
mod dump;
mod elsewhere;
mod frame;
mod made_by;
mod rules;
mod sets;
mod told;
mod untold;

pub use decode::expressions;

use ruleset::nft::iptables::Reader;
use ruleset::{Note, Table};
use told::Told;

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
    let mut told = Told::default();
    let mut untold = Vec::new();
    let mut reader = Reader::new(&told);
    for (at, table) in tables.iter_mut().enumerate() {
        sets::read(socket, table)?;
        let places = rules::read(socket, table, &mut reader)?;
        if !places.is_empty() {
            untold.push((at, places));
        }
    }
    drop(reader);
    let notes = untold::tell(&mut tables, &untold, &mut told);
    Ok(NfTables { tables, generation: None, notes })
}
