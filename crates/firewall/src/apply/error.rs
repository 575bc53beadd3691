//! Why a plan was not applied.

use nix::errno::Errno;
use ruleset::plan::Change;

use super::edit::Undone;
use super::nft::EncodeError;
use super::program::ProgramError;
use crate::netlink::NetlinkError;

/// What can go wrong. Unless it says so, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The state was not read from a live kernel.
    #[error("rules of a file can't be changed: this needs the live state")]
    NotLive,
    /// The plan names a chain that does not exist.
    #[error("there is no chain {} in the {} table {}", .0.chain, .0.family.as_str(), .0.table)]
    NoChain(Box<Change>),
    /// The plan's rule does not stand where the plan says.
    #[error("rule {} of {} {} {} is not what the plan says: `{}`", .0.position, .0.family.as_str(), .0.table, .0.chain, .0.rule)]
    NotThere(Box<Change>),
    /// The same text stands in the chain already.
    #[error("{} {} {} has the rule `{}` already", .0.family.as_str(), .0.table, .0.chain, .0.rule)]
    Twin(Box<Change>),
    /// The table was made with nft.
    #[error("the {} table {} was made with nft: change it with nft", .0.family.as_str(), .0.table)]
    Native(Box<Change>),
    /// A policy is ACCEPT or DROP.
    #[error("`{}` is no policy", .0.rule)]
    NoPolicy(Box<Change>),
    /// iptables refuses a rule, or could not be asked.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The kernel refused the transaction.
    #[error("the kernel refuses {}", .change.as_ref().map_or_else(|| "the changes".to_owned(), |change| format!("`-A {} {}`", change.chain, change.rule)))]
    Refused {
        /// Which change.
        change: Option<Box<Change>>,
        /// Why.
        #[source]
        errno: Errno,
    },
    /// Somebody else changed the rules, and the plan means something else now.
    #[error("the rules have changed since the plan was made: {0}")]
    Changed(String),
    /// Somebody else kept changing the rules.
    #[error("others changed the rules {0} times while this was tried")]
    Busy(usize),
    /// Somebody else holds the lock of the legacy tables.
    #[error("another program holds {path}, since {seconds} seconds at least")]
    Locked {
        /// The lock.
        path: String,
        /// How long it was waited.
        seconds: u64,
    },
    /// The lock could not be opened.
    #[error("{path} could not be opened")]
    Lock {
        /// The lock.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A program did not work.
    #[error("the legacy tables could not be changed")]
    Program(#[from] ProgramError),
    /// What was written is not there afterwards.
    #[error(transparent)]
    Unverified(Unverified),
    /// A later part failed, so what had been written before was taken back.
    #[error("it was taken back: {}", summary(.undone))]
    TakenBack {
        /// Why.
        #[source]
        source: Box<ApplyError>,
        /// What was taken back.
        undone: Undone,
    },
    /// What must be on disk before anything is changed could not be written.
    #[error("what an undo needs could not be kept, so nothing was changed")]
    Ledger(#[source] std::io::Error),
    /// Talking to the kernel failed.
    #[error("the kernel could not be asked")]
    Netlink(#[from] NetlinkError),
}

/// What was not as it should be after it was written.
#[derive(Debug, thiserror::Error)]
pub enum Unverified {
    /// It is not there.
    #[error("after it was written, `{}` was not found as it should be in {} {} {}", .0.rule, .0.family.as_str(), .0.table, .0.chain)]
    State(Box<Change>),
    /// It is at another place.
    #[error("`{}` came to another place than it should in {} {} {}", .0.rule, .0.family.as_str(), .0.table, .0.chain)]
    Place(Box<Change>),
}

fn summary(undone: &Undone) -> String {
    if undone.is_whole() {
        "everything is as it was".to_owned()
    } else {
        format!("not all of it: {}", undone.failed.join("; "))
    }
}
