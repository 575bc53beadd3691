//! All rules of every backend, as one ruleset.

use ruleset::Ruleset;

use super::{ipset, legacy, nftables};
use crate::netlink::NetlinkError;

/// What shall be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {}

/// Why the rules could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not allowed.
    #[error("reading the firewall needs root (CAP_NET_ADMIN in this network namespace)")]
    Forbidden(#[source] NetlinkError),
    /// It never held still.
    #[error("the rules changed each time they were read: another program is rewriting them")]
    Restless,
    /// nf_tables.
    #[error("the rules of nf_tables can't be read")]
    NfTables(#[source] NetlinkError),
}

impl From<NetlinkError> for ReadError {
    fn from(error: NetlinkError) -> Self {
        match (&error, error.errno()) {
            (NetlinkError::Interrupted, _) => Self::Restless,
            (_, Some(nix::errno::Errno::EPERM | nix::errno::Errno::EACCES)) => Self::Forbidden(error),
            _ => Self::NfTables(error),
        }
    }
}

/// Reads the rules of all backends in the network namespace of this thread; and the generation of nf_tables at which they were read.
///
/// Nothing is changed by it: no table is made, no module loaded.
///
/// # Errors
/// [`ReadError`]; then nothing was read.
pub fn read(_options: &Options) -> Result<(Ruleset, Option<u32>), ReadError> {
    let found = nftables::read()?;
    let mut ruleset = Ruleset { tables: found.tables, notes: found.notes, ..Ruleset::default() };
    let mut old = legacy::read();
    ruleset.tables.append(&mut old.tables);
    ruleset.notes.append(&mut old.notes);
    let (sets, mut notes) = ipset::read(&ruleset.tables);
    ruleset.ipsets = sets;
    ruleset.notes.append(&mut notes);
    Ok((ruleset, found.generation))
}
